import { CustomChart, LineChart } from 'echarts/charts';
import { GridComponent, MarkLineComponent, TooltipComponent } from 'echarts/components';
import { use, type EChartsCoreOption } from 'echarts/core';
import { useCallback } from 'react';
import type { Trend } from '#libs/contracts';
import { Chart, placeOf, tooltipText, type Look } from '../../components/chart.tsx';
import { formatExact } from '../../format/time.ts';
import type { NumberText } from './number-text.ts';

use([CustomChart, LineChart, GridComponent, MarkLineComponent, TooltipComponent]);

interface TrendChartProps {
  trend: Trend;
  text: NumberText;
  /** Of the runs that are compared. */
  letters: ReadonlyMap<string, string>;
}

/** The means of a series of runs with their intervals; a dashed line where the level changes. */
export default function TrendChart({ trend, text, letters }: TrendChartProps) {
  const option = useCallback(
    (look: Look) => optionOf({ trend, text, letters }, look),
    [trend, text, letters],
  );
  return (
    <Chart
      caption={`${trend.metric} over ${trend.points.length} runs. Choose Tables for the numbers.`}
      height={320}
      option={option}
    />
  );
}

function optionOf(
  { trend: { points, changes }, text, letters }: TrendChartProps,
  { colour, animation }: Look,
): EChartsCoreOption {
  const accent = colour('--accent');
  const tooltip = {
    formatter: (point: unknown) => {
      const found = points[placeOf(point)];
      if (!found) return tooltipText('');
      const range =
        found.low === null || found.high === null
          ? ''
          : ` (${text.value(found.low)} to ${text.value(found.high)})`;
      return tooltipText(
        `${formatExact(found.createdAt)}: ${text.value(found.mean)}${range}, version ${found.datasetVersion}`,
      );
    },
  };
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
    },
    grid: { left: 58, right: 20, top: 24, bottom: 42 },
    xAxis: {
      type: 'category',
      data: points.map((_, index) => String(index + 1)),
      name: 'Runs, in the order of time',
      nameLocation: 'middle',
      nameGap: 26,
      nameTextStyle: { color: colour('--ink-soft'), fontSize: 11 },
      axisLabel: { color: colour('--ink-soft'), fontSize: 11, hideOverlap: true },
      axisLine: { lineStyle: { color: colour('--line-strong') } },
    },
    yAxis: {
      type: 'value',
      scale: true,
      axisLabel: {
        color: colour('--ink-soft'),
        fontSize: 11,
        formatter: (value: number) => text.value(value),
      },
      splitLine: { lineStyle: { color: colour('--line') } },
    },
    series: [
      {
        type: 'custom',
        data: points.map(({ low, high }, index) => [index, low ?? '-', high ?? '-']),
        encode: { x: 0, y: [1, 2] },
        tooltip,
        renderItem(
          _: unknown,
          api: { value: (place: number) => number; coord: (point: [number, number]) => number[] },
        ) {
          const [x = 0, bottom = 0] = api.coord([api.value(0), api.value(1)]);
          const [, top = 0] = api.coord([api.value(0), api.value(2)]);
          return {
            type: 'rect',
            shape: { x: x - 4, y: top, width: 8, height: Math.max(1, bottom - top), r: 2 },
            style: { fill: accent, opacity: 0.3 },
          };
        },
      },
      {
        type: 'line',
        data: points.map(({ mean, runId }) => ({
          value: mean ?? '-',
          label: {
            show: letters.has(runId),
            position: 'top',
            formatter: letters.get(runId) ?? '',
            color: colour('--ink'),
            fontWeight: 600,
          },
          symbolSize: letters.has(runId) ? 11 : 7,
        })),
        symbol: 'circle',
        itemStyle: { color: accent },
        lineStyle: { color: accent, width: 1.5 },
        tooltip,
        markLine: {
          silent: true,
          symbol: 'none',
          label: { formatter: 'level', color: colour('--ink-soft'), fontSize: 11 },
          lineStyle: { color: colour('--state-failed'), type: 'dashed' },
          data: changes.map(({ runId }) => ({
            xAxis: points.findIndex((point) => point.runId === runId),
          })),
        },
      },
    ],
  };
}
