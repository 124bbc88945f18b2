import type { LinkProps } from '@tanstack/react-router';
import {
  Activity,
  Database,
  FolderKanban,
  GitCompareArrows,
  House,
  KeyRound,
  LayoutTemplate,
  ListChecks,
  MessageSquareText,
  Plug,
  Ruler,
  ShieldCheck,
  UserCheck,
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
      { label: 'Home', to: '/', icon: House },
      { label: 'Runs', to: '/runs', icon: ListChecks },
      { label: 'Compare', to: '/compare', icon: GitCompareArrows },
      { label: 'Review', to: '/reviews', icon: UserCheck },
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
  {
    label: 'Manage',
    destinations: [
      { label: 'Gates', to: '/gates', icon: ShieldCheck },
      { label: 'Providers', to: '/settings/providers', icon: Plug },
      { label: 'Keys', to: '/settings/keys', icon: KeyRound, role: 'admin' },
      { label: 'Projects', to: '/settings/projects', icon: FolderKanban, instance: true },
      { label: 'Operations', to: '/operations', icon: Activity, role: 'admin', instance: true },
    ],
  },
];

/** What the server shows outside of this page. */
export const outside: { label: string; href: string; role: Role; instance?: boolean }[] = [
  { label: 'API reference', href: '/docs', role: 'viewer' },
  { label: 'Bull Board', href: '/admin/queues', role: 'admin', instance: true },
];
