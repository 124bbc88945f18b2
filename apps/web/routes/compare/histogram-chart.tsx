import { BarChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { use, type EChartsCoreOption } from 'echarts/core';
import { useCallback } from 'react';
import type { ComparisonDistribution } from '#libs/contracts';
import { Chart, placeOf, tooltipText, type Look } from '../../components/chart.tsx';
import { formatCount } from '../../format/numbers.ts';
import { binText, sideOfBin } from './bins.ts';
import styles from './metric-detail.module.css';
import type { NumberText } from './number-text.ts';

use([BarChart, GridComponent, TooltipComponent]);

interface HistogramChartProps {
  distribution: ComparisonDistribution;
  text: NumberText;
  direction: 'higher' | 'lower' | 'none';
}

/** How many pairs differ by how much; those that do not differ are told of in words. */
export default function HistogramChart({ distribution, text, direction }: HistogramChartProps) {
  const { same, n } = distribution;
  const option = useCallback(
    (look: Look) => optionOf({ distribution, text, direction }, look),
    [distribution, direction, text],
  );
  return (
    <div>
      <Chart
        caption="How many pairs differ by how much. Choose Tables for the numbers."
        height={296}
        option={option}
      />
      <p className={styles.soft}>
        {formatCount(same)} of {formatCount(n)} pairs do not differ and are not drawn.
      </p>
    </div>
  );
}

function optionOf(
  { distribution: { bins }, text, direction }: HistogramChartProps,
  { colour, animation }: Look,
): EChartsCoreOption {
  return {
    animation,
    animationDuration: 200,
    textStyle: { color: colour('--ink'), fontFamily: 'inherit' },
    tooltip: {
      trigger: 'item',
      confine: true,
      backgroundColor: colour('--raised'),
      borderColor: colour('--line'),
      textStyle: { color: colour('--ink'), fontSize: 12 },
      formatter: (point: unknown) => {
        const bin = bins[placeOf(point)];
        return tooltipText(bin ? `${binText(bin, text)}: ${formatCount(bin.count)} pairs` : '');
      },
    },
    grid: { left: 58, right: 20, top: 12, bottom: 42 },
    xAxis: {
      type: 'category',
      data: bins.map(({ low, high }) => String(low ?? high ?? 0)),
      name: text.unit === '' ? 'Difference' : `Difference, ${text.unit}`,
      nameLocation: 'middle',
      nameGap: 26,
      nameTextStyle: { color: colour('--ink-soft'), fontSize: 11 },
      axisTick: { show: false },
      axisLine: { lineStyle: { color: colour('--line-strong') } },
      axisLabel: {
        color: colour('--ink-soft'),
        fontSize: 11,
        hideOverlap: true,
        formatter: (_: string, index: number) => {
          const bin = bins[index];
          if (!bin) return '';
          if (bin.low === null) return `< ${short.format((bin.high ?? 0) * text.factor)}`;
          if (bin.high === null) return `> ${short.format(bin.low * text.factor)}`;
          return short.format(((bin.low + bin.high) / 2) * text.factor);
        },
      },
    },
    yAxis: {
      type: 'value',
      name: 'Pairs',
      nameLocation: 'middle',
      nameGap: 42,
      minInterval: 1,
      nameTextStyle: { color: colour('--ink-soft'), fontSize: 11 },
      axisLabel: { color: colour('--ink-soft'), fontSize: 11 },
      splitLine: { lineStyle: { color: colour('--line') } },
    },
    series: [
      {
        type: 'bar',
        barCategoryGap: '8%',
        data: bins.map((bin) => {
          const side = sideOfBin(bin, direction);
          return {
            value: bin.count,
            itemStyle: {
              color: colour(
                side === 'better'
                  ? '--state-completed'
                  : side === 'worse'
                    ? '--state-failed'
                    : '--accent',
              ),
              opacity: bin.low === null || bin.high === null ? 0.5 : 0.85,
              // Losses are hatched too, so that colour alone says nothing.
              decal:
                side === 'worse'
                  ? { symbol: 'rect', dashArrayX: [1, 0], dashArrayY: [2, 4], rotation: 0.8 }
                  : undefined,
            },
          };
        }),
      },
    ],
  };
}

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });
