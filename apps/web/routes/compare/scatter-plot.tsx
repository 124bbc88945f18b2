import { CustomChart, LineChart, ScatterChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { use, type EChartsCoreOption } from 'echarts/core';
import { useCallback } from 'react';
import type { ComparisonDistribution } from '#libs/contracts';
import { Chart, placeOf, tooltipText, type Look } from '../../components/chart.tsx';
import { formatCount } from '../../format/numbers.ts';
import type { NumberText } from './number-text.ts';

use([CustomChart, LineChart, ScatterChart, GridComponent, TooltipComponent]);

type Point = NonNullable<ComparisonDistribution['points']>[number];

interface ScatterPlotProps {
  distribution: ComparisonDistribution;
  text: NumberText;
  letter: string;
  direction: 'higher' | 'lower' | 'none';
  onPick: (point: Point) => void;
}

/** The score of each pair in the baseline and in the candidate; of very many pairs, how many lie where. */
export default function ScatterPlot(props: ScatterPlotProps) {
  const { distribution, text, letter, direction, onPick } = props;
  const { points, cells } = distribution;
  const option = useCallback(
    (look: Look) => optionOf({ distribution, letter, direction, text }, look),
    [distribution, letter, direction, text],
  );
  const what = cells
    ? `How many pairs have which scores in A and ${letter}`
    : `The scores of each pair in A and ${letter}`;
  return (
    <Chart
      caption={`${what}. Choose Tables for the numbers.`}
      height={320}
      option={option}
      onPick={(index) => {
        const point = points?.[index];
        if (point) onPick(point);
      }}
    />
  );
}

function optionOf(
  { distribution: { points, cells }, letter, direction, text }: Omit<ScatterPlotProps, 'onPick'>,
  { colour, animation }: Look,
): EChartsCoreOption {
  const ends = points
    ? points.flatMap(({ baseline, candidate }) => [baseline, candidate])
    : cells
      ? [cells.low, cells.low + cells.width * cells.across]
      : [0, 1];
  const [low, high] = [Math.min(...ends, Infinity), Math.max(...ends, -Infinity)];
  const room = (high - low || 1) * (points ? 0.04 : 0);
  const better = direction === 'none' ? '' : direction === 'higher' ? 'above' : 'below';
  const axis = (name: string) => ({
    type: 'value',
    min: low - room,
    max: high + room,
    name,
    nameLocation: 'middle',
    nameTextStyle: { color: colour('--ink-soft'), fontSize: 11 },
    axisLabel: {
      color: colour('--ink-soft'),
      fontSize: 11,
      showMinLabel: false,
      showMaxLabel: false,
      formatter: (value: number) => short.format(value),
    },
    splitLine: { lineStyle: { color: colour('--line') } },
  });
  return {
    animation: animation && points !== null && points.length < 300,
    animationDuration: 200,
    textStyle: { color: colour('--ink'), fontFamily: 'inherit' },
    tooltip: {
      trigger: 'item',
      confine: true,
      backgroundColor: colour('--raised'),
      borderColor: colour('--line'),
      textStyle: { color: colour('--ink'), fontSize: 12 },
    },
    grid: { left: 58, right: 20, top: 12, bottom: 42 },
    xAxis: { ...axis('A, baseline'), nameGap: 26 },
    yAxis: {
      ...axis(`${letter}${better === '' ? '' : `, better ${better} the line`}`),
      nameGap: 42,
    },
    series: [
      {
        type: 'line',
        silent: true,
        symbol: 'none',
        data: [
          [low - room, low - room],
          [high + room, high + room],
        ],
        lineStyle: { color: colour('--line-strong'), width: 1.5, type: 'dashed' },
      },
      points
        ? {
            type: 'scatter',
            symbolSize: 7,
            cursor: 'pointer',
            itemStyle: { color: colour('--accent'), opacity: 0.55 },
            tooltip: {
              formatter: (point: unknown) => {
                const found = points[placeOf(point)];
                return tooltipText(
                  found
                    ? `${found.key}: A ${text.value(found.baseline)}, ${letter} ${text.value(found.candidate)}`
                    : '',
                );
              },
            },
            data: points.map(({ baseline, candidate }) => [baseline, candidate]),
          }
        : densities(cells, colour, text, letter),
    ],
  };
}

const short = new Intl.NumberFormat('en', { notation: 'compact', maximumSignificantDigits: 3 });

/** Squares, the darker the more pairs they hold: by the root of the number, so that few stay visible. */
function densities(
  cells: ComparisonDistribution['cells'],
  colour: (name: string) => string,
  text: NumberText,
  letter: string,
) {
  if (!cells) return { type: 'scatter', data: [] };
  const { low, width, counts } = cells;
  const most = Math.max(...counts.map(({ count }) => count), 1);
  const from = (place: number): number => low + place * width;
  return {
    type: 'custom',
    data: counts.map(({ baseline, candidate }) => [from(baseline), from(candidate)]),
    tooltip: {
      formatter: (point: unknown) => {
        const cell = counts[placeOf(point)];
        if (!cell) return tooltipText('');
        const range = (place: number): string =>
          `${text.value(from(place))} to ${text.value(from(place + 1))}`;
        return tooltipText(
          `${formatCount(cell.count)} pairs: A ${range(cell.baseline)}, ${letter} ${range(cell.candidate)}`,
        );
      },
    },
    renderItem(
      params: { dataIndex: number },
      api: { value: (place: number) => number; coord: (point: [number, number]) => number[] },
    ) {
      const [x = 0, y = 0] = api.coord([api.value(0), api.value(1)]);
      const [right = 0, top = 0] = api.coord([api.value(0) + width, api.value(1) + width]);
      const share = (counts[params.dataIndex]?.count ?? 0) / most;
      return {
        type: 'rect',
        shape: { x, y: top, width: right - x - 0.5, height: y - top - 0.5 },
        style: { fill: colour('--accent'), opacity: 0.15 + 0.85 * Math.sqrt(share) },
      };
    },
  };
}
