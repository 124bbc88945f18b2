import { CustomChart, ScatterChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { useCallback } from 'react';
import type { RunMetric } from '#libs/contracts';
import { Chart, type Look } from '../../components/chart.tsx';
import { chartHeight, chartOption } from './metric-chart-option.ts';

use([CustomChart, ScatterChart, GridComponent, TooltipComponent]);

/** All means with their intervals, those of one scale under each other. The table has the numbers. */
export default function MetricChart({ metrics }: { metrics: RunMetric[] }) {
  const option = useCallback((look: Look) => chartOption(metrics, look), [metrics]);
  return <Chart caption={inWords(metrics)} height={chartHeight(metrics)} option={option} />;
}

const inWords = (metrics: RunMetric[]): string =>
  `Means with 95 % intervals of ${metrics.map(({ name }) => name).join(', ')}. Choose Table for the numbers.`;
