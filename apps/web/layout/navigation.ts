import type { LinkProps } from '@tanstack/react-router';
import {
  Database,
  GitCompareArrows,
  LayoutTemplate,
  ListChecks,
  MessageSquareText,
  Ruler,
  type LucideIcon,
} from 'lucide-react';
import type { Role } from '#libs/contracts';

export interface Destination {
  label: string;
  to: NonNullable<LinkProps['to']>;
  icon: LucideIcon;
  /** Shown from this role on; a viewer sees what has none. */
  role?: Role;
  /** Only for keys of the whole instance. */
  instance?: boolean;
}

/** The screens, as the navigation groups them. */
export const groups: { label: string; destinations: Destination[] }[] = [
  {
    label: 'Evaluate',
    destinations: [
      { label: 'Runs', to: '/runs', icon: ListChecks },
      { label: 'Compare', to: '/compare', icon: GitCompareArrows },
    ],
  },
  {
    label: 'Build',
    destinations: [
      { label: 'Datasets', to: '/datasets', icon: Database },
      { label: 'Prompts', to: '/prompts', icon: MessageSquareText },
      { label: 'Templates', to: '/templates', icon: LayoutTemplate },
      { label: 'Metrics', to: '/catalogue', icon: Ruler },
    ],
  },
];

/** What the server shows outside of this page. */
export const outside: { label: string; href: string; role: Role }[] = [
  { label: 'API reference', href: '/docs', role: 'viewer' },
  { label: 'Queues', href: '/admin/queues', role: 'admin' },
];
