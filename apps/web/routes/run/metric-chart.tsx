import { useComputedColorScheme } from '@mantine/core';
import { CustomChart, ScatterChart } from 'echarts/charts';
import { GridComponent, TooltipComponent } from 'echarts/components';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useRef } from 'react';
import type { RunMetric } from '#libs/contracts';
import { chartHeight, chartOption } from './metric-chart-option.ts';
import styles from './metric-chart.module.css';

use([CustomChart, ScatterChart, GridComponent, TooltipComponent, SVGRenderer]);

/** All means with their intervals, those of one scale under each other. The table has the numbers. */
export default function MetricChart(props: { metrics: RunMetric[] }) {
  // The colours are read once, so another scheme is another chart.
  return <Chart key={useComputedColorScheme()} {...props} />;
}

function Chart({ metrics }: { metrics: RunMetric[] }) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init>>(undefined);
  const height = chartHeight(metrics);

  useEffect(() => {
    if (!element.current) return undefined;
    const made = init(element.current, undefined, { renderer: 'svg' });
    chart.current = made;
    const observer = new ResizeObserver(() => made.resize());
    observer.observe(element.current);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = undefined;
    };
  }, []);

  useEffect(() => {
    const style = getComputedStyle(document.documentElement);
    const colour = (name: string): string => style.getPropertyValue(name).trim();
    const still = matchMedia('(prefers-reduced-motion: reduce)').matches;
    chart.current?.resize({ height });
    const width = chart.current?.getWidth() ?? 0;
    chart.current?.setOption(chartOption(metrics, colour, !still, width), { notMerge: true });
  }, [metrics, height]);

  return (
    <figure className={styles.figure}>
      <figcaption className="visually-hidden">{inWords(metrics)}</figcaption>
      <div ref={element} style={{ height }} aria-hidden />
    </figure>
  );
}

const inWords = (metrics: RunMetric[]): string =>
  `Means with 95 % intervals of ${metrics.map(({ name }) => name).join(', ')}. Choose Table for the numbers.`;
