import { ListChecks, Ruler, type LucideIcon } from 'lucide-react';
import type { Role } from '#libs/contracts';

export interface Destination {
  label: string;
  to: '/runs' | '/catalogue';
  icon: LucideIcon;
}

/** The screens of the page, in the order of the header. */
export const destinations: Destination[] = [
  { label: 'Runs', to: '/runs', icon: ListChecks },
  { label: 'Metrics', to: '/catalogue', icon: Ruler },
];

/** What the server shows outside of this page. */
export const outside: { label: string; href: string; role: Role }[] = [
  { label: 'API reference', href: '/docs', role: 'viewer' },
  { label: 'Queues', href: '/admin/queues', role: 'admin' },
];
