import { CustomChart, ScatterChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { use } from 'echarts/core';
import { useCallback } from 'react';
import { Chart, type Look } from '../../components/chart.tsx';
import { forestHeight, forestOption } from './forest-option.ts';
import type { ForestRow } from './forest-rows.ts';
import type { NumberText } from './number-text.ts';

use([CustomChart, ScatterChart, GridComponent, TooltipComponent]);

export interface ForestChartProps {
  rows: readonly ForestRow[];
  text: NumberText;
  direction: 'higher' | 'lower' | 'none';
  margin?: number | undefined;
  onPick?: ((row: ForestRow) => void) | undefined;
}

/** Differences with their intervals; the table has the numbers. */
export default function ForestChart({ rows, text, direction, margin, onPick }: ForestChartProps) {
  const option = useCallback(
    (look: Look) => forestOption({ rows, text, direction, margin }, look),
    [rows, text, direction, margin],
  );
  return (
    <Chart
      caption={`Differences with their intervals of ${rows.map(({ name }) => name).join(', ')}. Choose Tables for the numbers.`}
      height={forestHeight(rows)}
      option={option}
      onPick={(index) => {
        const row = rows[index];
        if (row) onPick?.(row);
      }}
    />
  );
}
