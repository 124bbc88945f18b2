import { useComputedColorScheme } from '@mantine/core';
import type { EChartsCoreOption } from 'echarts/core';
import { init, use } from 'echarts/core';
import { SVGRenderer } from 'echarts/renderers';
import { useEffect, useEffectEvent, useRef } from 'react';
import styles from './chart.module.css';

use([SVGRenderer]);

/** What an option may depend on beside its data. */
export interface Look {
  /** The value of a custom property, such as `--ink`. */
  colour: (name: string) => string;
  animation: boolean;
  width: number;
}

export interface ChartProps {
  /** Says what is drawn to who does not see it, and where the numbers are. */
  caption: string;
  height: number;
  /** Must stay the same function as long as what is drawn does. */
  option: (look: Look) => EChartsCoreOption;
  /** Called with the place of what is clicked in the data of its series. */
  onPick?: ((dataIndex: number) => void) | undefined;
}

/** A chart of ECharts in the colours of the page. The parts of ECharts that it needs are named by its caller. */
export function Chart(props: ChartProps) {
  // The colours are read once, so another scheme is another chart.
  return <Drawn key={useComputedColorScheme()} {...props} />;
}

function Drawn({ caption, height, option, onPick }: ChartProps) {
  const element = useRef<HTMLDivElement>(null);
  const chart = useRef<ReturnType<typeof init>>(undefined);
  const picked = useEffectEvent((dataIndex: number) => onPick?.(dataIndex));
  const redraw = useEffectEvent(() => draw(chart.current, option, height));

  useEffect(() => {
    if (!element.current) return undefined;
    const made = init(element.current, undefined, { renderer: 'svg' });
    chart.current = made;
    made.on('click', ({ dataIndex }) => picked(dataIndex));
    // What an option leaves to names follows the width.
    const observer = new ResizeObserver(redraw);
    observer.observe(element.current);
    return () => {
      observer.disconnect();
      made.dispose();
      chart.current = undefined;
    };
  }, []);

  useEffect(() => draw(chart.current, option, height), [option, height]);

  return (
    <figure className={styles.figure}>
      <figcaption className="visually-hidden">{caption}</figcaption>
      <div ref={element} style={{ height }} aria-hidden />
    </figure>
  );
}

function draw(
  chart: ReturnType<typeof init> | undefined,
  option: ChartProps['option'],
  height: number,
): void {
  if (!chart) return;
  const style = getComputedStyle(document.documentElement);
  chart.resize({ height });
  chart.setOption(
    option({
      colour: (name) => style.getPropertyValue(name).trim(),
      animation: !matchMedia('(prefers-reduced-motion: reduce)').matches,
      width: chart.getWidth(),
    }),
    { notMerge: true },
  );
}

/** A tooltip is HTML to ECharts: names are somebody's text, and must stay text. */
export function tooltipText(text: string): HTMLElement {
  const box = document.createElement('div');
  box.textContent = text;
  return box;
}

/** The place of a point in its series, out of what a formatter of ECharts is called with. */
export function placeOf(point: unknown): number {
  const place =
    typeof point === 'object' && point !== null && 'dataIndex' in point ? point.dataIndex : -1;
  return typeof place === 'number' ? place : -1;
}
