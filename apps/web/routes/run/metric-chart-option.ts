import type { ComposeOption } from 'echarts/core';
import type { CustomSeriesOption, ScatterSeriesOption } from 'echarts/charts';
import type { GridComponentOption, TooltipComponentOption } from 'echarts/components';
import type { RunMetric } from '#libs/contracts';
import { placeOf, tooltipText, type Look } from '../../components/chart.tsx';
import { formatCount, formatScore } from '../../format/numbers.ts';
import { isShare, scaleOf } from './scale.ts';

type Option = ComposeOption<
  CustomSeriesOption | ScatterSeriesOption | GridComponentOption | TooltipComponentOption
>;

const rowHeight = 34;
const axisHeight = 30;

/** Metrics from 0 to 1 share one plot; each of the others has its own, with its own scale. */
function plotsOf(metrics: RunMetric[]): RunMetric[][] {
  const shares = metrics.filter(isShare);
  const others = metrics.filter((metric) => !isShare(metric)).map((metric) => [metric]);
  return shares.length > 0 ? [shares, ...others] : others;
}

export const chartHeight = (metrics: RunMetric[]): number =>
  plotsOf(metrics).reduce((height, plot) => height + plot.length * rowHeight + axisHeight, 8);

export function chartOption(metrics: RunMetric[], { colour, animation, width }: Look): Option {
  const plots = plotsOf(metrics);
  const names = Math.min(150, width * 0.3);
  let top = 4;
  const grid = plots.map((plot) => {
    const box = { left: names, right: 24, top, height: plot.length * rowHeight };
    top += plot.length * rowHeight + axisHeight;
    return box;
  });
  const soft = colour('--ink-soft');
  const line = colour('--line');
  return {
    animation,
    animationDuration: 200,
    textStyle: { color: colour('--ink'), fontFamily: 'inherit' },
    tooltip: {
      trigger: 'item',
      backgroundColor: colour('--raised'),
      borderColor: line,
      textStyle: { color: colour('--ink'), fontSize: 12 },
    },
    grid,
    xAxis: plots.map((plot, index) => {
      const [min, max] = plot[0] ? scaleOf(plot[0]) : [0, 1];
      return {
        type: 'value',
        gridIndex: index,
        min,
        max,
        axisLabel: { color: soft, fontSize: 11 },
        splitLine: { lineStyle: { color: line } },
      };
    }),
    yAxis: plots.map((plot, index) => ({
      type: 'category',
      gridIndex: index,
      inverse: true,
      data: plot.map(({ name }) => name),
      axisTick: { show: false },
      axisLine: { lineStyle: { color: line } },
      axisLabel: { color: colour('--ink'), width: names - 12, overflow: 'truncate', fontSize: 12 },
    })),
    series: plots.flatMap((plot, index) => [
      intervals(plot, index, colour('--accent')),
      means(plot, index, colour('--accent')),
    ]),
  };
}

function means(plot: RunMetric[], index: number, colour: string): ScatterSeriesOption {
  return {
    type: 'scatter',
    xAxisIndex: index,
    yAxisIndex: index,
    symbolSize: 9,
    itemStyle: { color: colour },
    tooltip: { formatter: (point) => tooltip(plot, point) },
    data: plot.map(({ mean, name }) => [mean ?? '-', name]),
  };
}

function intervals(plot: RunMetric[], index: number, colour: string): CustomSeriesOption {
  return {
    type: 'custom',
    xAxisIndex: index,
    yAxisIndex: index,
    tooltip: { formatter: (point) => tooltip(plot, point) },
    data: plot.map(({ confidenceLow, confidenceHigh, name }) => [
      confidenceLow ?? '-',
      name,
      confidenceHigh ?? '-',
    ]),
    renderItem(_, api) {
      const [fromX = 0, y = 0] = api.coord([api.value(0), api.value(1)]);
      const [toX = 0] = api.coord([api.value(2), api.value(1)]);
      return {
        type: 'rect',
        shape: { x: fromX, y: y - 4, width: Math.max(1, toX - fromX), height: 8, r: 2 },
        style: { fill: colour, opacity: 0.35 },
      };
    },
  };
}

function tooltip(plot: RunMetric[], point: unknown): HTMLElement {
  const metric = plot[placeOf(point)];
  if (!metric) return tooltipText('');
  const { name, mean, confidenceLow, confidenceHigh, n } = metric;
  const range = `${formatScore(confidenceLow)} to ${formatScore(confidenceHigh)}`;
  return tooltipText(`${name}: ${formatScore(mean)} (${range}), n ${formatCount(n)}`);
}
