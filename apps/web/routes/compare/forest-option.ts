import type { ComposeOption } from 'echarts/core';
import type { CustomSeriesOption, ScatterSeriesOption } from 'echarts/charts';
import type { GridComponentOption, TooltipComponentOption } from 'echarts/components';
import { placeOf, tooltipText, type Look } from '../../components/chart.tsx';
import { formatCount } from '../../format/numbers.ts';
import type { ForestRow } from './forest-rows.ts';
import type { NumberText } from './number-text.ts';
import { outcomeColours, outcomeNames } from '../../components/verdict-outcome.tsx';

type Option = ComposeOption<
  CustomSeriesOption | ScatterSeriesOption | GridComponentOption | TooltipComponentOption
>;

const rowHeight = 34;
const symbols: Record<ForestRow['outcome'], string> = {
  better: 'triangle',
  worse: 'triangle',
  different: 'diamond',
  equivalent: 'rect',
  inconclusive: 'circle',
};

export const forestHeight = (rows: readonly ForestRow[]): number => rows.length * rowHeight + 52;

/** Differences with their intervals around a line at 0, one under the other. */
export function forestOption(
  {
    rows,
    text,
    direction,
    margin,
  }: {
    rows: readonly ForestRow[];
    text: NumberText;
    direction: 'higher' | 'lower' | 'none';
    margin?: number | undefined;
  },
  { colour, animation, width }: Look,
): Option {
  const names = Math.min(220, width * 0.34);
  const scaled = (value: number): number => value * text.factor;
  const colourOf = ({ outcome }: ForestRow): string => colour(outcomeColours[outcome]);
  const tooltip = (point: unknown): HTMLElement => {
    const row = rows[placeOf(point)];
    return tooltipText(
      row
        ? `${row.name}: ${text.difference(row.difference)} (${text.range(row.interval)}), ${formatCount(row.n)} pairs; ${outcomeNames[row.outcome]}`
        : '',
    );
  };
  const line = colour('--line');
  const reach = Math.max(
    ...rows.flatMap(({ difference, interval, resampled }) =>
      [difference, interval?.low, interval?.high, resampled?.low, resampled?.high].map((value) =>
        Math.abs(scaled(value ?? 0)),
      ),
    ),
    scaled(margin ?? 0),
    1e-12,
  );
  return {
    animation,
    animationDuration: 200,
    textStyle: { color: colour('--ink'), fontFamily: 'inherit' },
    tooltip: {
      trigger: 'item',
      confine: true,
      backgroundColor: colour('--raised'),
      borderColor: line,
      textStyle: { color: colour('--ink'), fontSize: 12 },
      extraCssText: 'max-width: 22rem; white-space: normal',
    },
    grid: { left: names, right: 20, top: 6, height: rows.length * rowHeight },
    xAxis: {
      type: 'value',
      min: -reach * 1.08,
      max: reach * 1.08,
      name: axisName(text.unit, direction),
      nameLocation: 'middle',
      nameGap: 26,
      nameTextStyle: { color: colour('--ink-soft'), fontSize: 11 },
      axisLabel: {
        color: colour('--ink-soft'),
        fontSize: 11,
        showMinLabel: false,
        showMaxLabel: false,
      },
      splitLine: { lineStyle: { color: line } },
    },
    yAxis: {
      type: 'category',
      inverse: true,
      data: rows.map((_, index) => String(index)),
      axisTick: { show: false },
      axisLine: { show: true, onZero: false, lineStyle: { color: line } },
      axisLabel: {
        color: colour('--ink'),
        width: names - 12,
        overflow: 'truncate',
        fontSize: 12,
        formatter: (value: string) => rows[Number(value)]?.name ?? '',
      },
    },
    series: [
      behind(rows.length, margin === undefined ? undefined : scaled(margin), colour),
      intervals(rows, scaled, colourOf, colour('--ink-soft'), tooltip),
      {
        type: 'scatter',
        symbolSize: 10,
        cursor: 'pointer',
        tooltip: { formatter: tooltip },
        data: rows.map((row, index) => ({
          value: [row.difference === null ? '-' : scaled(row.difference), index],
          symbol: symbols[row.outcome],
          symbolRotate: row.outcome === 'worse' ? 180 : 0,
          itemStyle: { color: colourOf(row), borderColor: colour('--raised'), borderWidth: 1 },
        })),
      },
    ],
  };
}

function axisName(unit: string, direction: 'higher' | 'lower' | 'none'): string {
  const of = unit === '' ? 'Difference' : `Difference, ${unit}`;
  if (direction === 'none') return of;
  return direction === 'higher' ? `${of}   (better →)` : `${of}   (← better)`;
}

/** The line at 0, and the band within which differences do not matter. */
function behind(
  count: number,
  margin: number | undefined,
  colour: (name: string) => string,
): CustomSeriesOption {
  return {
    type: 'custom',
    silent: true,
    z: 1,
    tooltip: { show: false },
    data: [[0, 0]],
    renderItem(_, api) {
      const [zero = 0, y = 0] = api.coord([0, 0]);
      const top = y - rowHeight / 2;
      const height = count * rowHeight;
      const [low = 0] = api.coord([-(margin ?? 0), 0]);
      const [high = 0] = api.coord([margin ?? 0, 0]);
      return {
        type: 'group',
        children: [
          {
            type: 'rect',
            shape: { x: low, y: top, width: high - low, height },
            style: { fill: colour('--ink'), opacity: 0.08 },
          },
          {
            type: 'line',
            shape: { x1: zero, x2: zero, y1: top, y2: top + height },
            style: { stroke: colour('--line-strong'), lineWidth: 1.5 },
          },
        ],
      };
    },
  };
}

function intervals(
  rows: readonly ForestRow[],
  scaled: (value: number) => number,
  colourOf: (row: ForestRow) => string,
  soft: string,
  tooltip: (point: unknown) => HTMLElement,
): CustomSeriesOption {
  return {
    type: 'custom',
    z: 2,
    tooltip: { formatter: tooltip },
    data: rows.map(({ interval, resampled }, index) => [
      interval ? scaled(interval.low) : '-',
      index,
      interval ? scaled(interval.high) : '-',
      resampled ? scaled(resampled.low) : '-',
      resampled ? scaled(resampled.high) : '-',
    ]),
    encode: { x: [0, 2, 3, 4], y: 1 },
    renderItem(params, api) {
      const row = rows[params.dataIndex];
      if (!row) return null;
      const at = (place: number): number => api.coord([api.value(place), api.value(1)])[0] ?? 0;
      const y = api.coord([0, api.value(1)])[1] ?? 0;
      const children = [];
      if (row.interval) {
        children.push({
          type: 'rect' as const,
          shape: { x: at(0), y: y - 4, width: Math.max(1, at(2) - at(0)), height: 8, r: 2 },
          style: { fill: colourOf(row), opacity: 0.4 },
        });
      }
      if (row.resampled) {
        children.push({
          type: 'line' as const,
          shape: { x1: at(3), x2: at(4), y1: y + 9, y2: y + 9 },
          style: { stroke: soft, lineWidth: 1.5 },
        });
      }
      return { type: 'group', children };
    },
  };
}
