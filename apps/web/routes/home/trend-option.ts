import type { EChartsCoreOption } from 'echarts/core';
import type { Trend, TrendPoint } from '#libs/contracts';
import { formatScore } from '../../format/numbers.ts';
import { formatExact } from '../../format/time.ts';
import { placeOf, tooltipText, type Look } from '../../components/chart.tsx';

export const TREND_HEIGHT = 72;

/** Means over the runs of a series, with their intervals as a band; where the level changes, a line. */
export const trendOption =
  (trend: Trend) =>
  ({ colour, animation }: Look): EChartsCoreOption => {
    const { points, changes } = trend;
    const shown = points.map(({ mean }) => mean);
    const low = points.map((point) => point.low ?? point.mean);
    const band = points.map((point) =>
      point.low === null || point.high === null ? 0 : point.high - point.low,
    );
    const accent = colour('--accent');
    const silent = { type: 'line', silent: true, symbol: 'none', stack: 'interval' } as const;
    return {
      animation,
      grid: { left: 2, right: 6, top: 6, bottom: 6 },
      xAxis: { type: 'category', show: false, boundaryGap: false, data: points.map((_, i) => i) },
      yAxis: { type: 'value', show: false, scale: true },
      tooltip: {
        trigger: 'axis',
        backgroundColor: colour('--raised'),
        borderColor: colour('--line'),
        textStyle: { color: colour('--ink'), fontSize: 12 },
        formatter: (given: unknown) => {
          const point = points[placeOf(Array.isArray(given) ? given[0] : given)];
          return tooltipText(point ? inWords(point) : '');
        },
      },
      series: [
        { ...silent, data: low, lineStyle: { opacity: 0 } },
        {
          ...silent,
          data: band,
          lineStyle: { opacity: 0 },
          areaStyle: { color: accent, opacity: 0.15 },
        },
        {
          type: 'line',
          data: shown,
          symbol: 'circle',
          symbolSize: 5,
          lineStyle: { color: accent, width: 1.5 },
          itemStyle: { color: accent },
          markLine: {
            silent: true,
            symbol: 'none',
            label: { show: false },
            lineStyle: { color: colour('--state-paused'), type: 'dashed' },
            data: changes.flatMap(({ runId }) => {
              const place = points.findIndex((point) => point.runId === runId);
              return place === -1 ? [] : [{ xAxis: place }];
            }),
          },
        },
      ],
    };
  };

/** A run of the series: when, its mean, and between what it lies. */
export function inWords({ createdAt, mean, low, high }: TrendPoint): string {
  const interval =
    low === null || high === null ? '' : ` (${formatScore(low)} to ${formatScore(high)})`;
  return `${formatExact(createdAt)}: ${formatScore(mean)}${interval}`;
}
