import { Button, Menu } from '@mantine/core';
import { Link } from '@tanstack/react-router';
import { ChevronDown, ExternalLink, LogOut, UserRound } from 'lucide-react';
import { useState } from 'react';
import { roles } from '#libs/contracts';
import { client } from '../queries/client.ts';
import { useSession } from '../queries/session.ts';
import { useAnnounce } from '../components/announcer.tsx';
import { explain } from '../components/explain.ts';
import { ColorSchemeToggle } from '../theme/color-scheme-toggle.tsx';
import { ConnectionHint } from './connection-hint.tsx';
import { destinations, outside } from './navigation.ts';
import styles from './header.module.css';

export function Header() {
  const session = useSession();
  return (
    <header className={styles.header}>
      <Link to="/runs" className={styles.brand} aria-label="LLM-Eval, all runs">
        <img src="/favicon.svg" alt="" width={22} height={22} />
        <span className={styles.brandName}>LLM-Eval</span>
      </Link>
      {session && (
        <span className={styles.project} title={`Project ${session.project.name}`}>
          <span className="visually-hidden">Project </span>
          {session.project.name}
        </span>
      )}
      <nav aria-label="Main" className={styles.nav}>
        {destinations.map(({ label, to, icon: Icon }) => (
          <Link key={to} to={to} className={styles.link} activeProps={{ 'data-active': true }}>
            <Icon size={16} aria-hidden />
            {label}
          </Link>
        ))}
      </nav>
      <div className={styles.end}>
        <ConnectionHint />
        <ColorSchemeToggle />
        {session && <AccountMenu />}
      </div>
    </header>
  );
}

function AccountMenu() {
  const session = useSession();
  const announce = useAnnounce();
  const [failure, setFailure] = useState<string>();
  if (!session) return null;

  const signOut = async (): Promise<void> => {
    try {
      await client.signOut();
      // A fresh page: nothing of the session stays in memory.
      window.location.assign('/sign-in');
    } catch (error) {
      const { title, remedy } = explain(error);
      setFailure(`Could not sign out: ${title}. ${remedy}`);
      announce(`Could not sign out: ${title}`);
    }
  };
  const rank = roles.indexOf(session.role);
  return (
    <Menu
      position="bottom-end"
      width={250}
      shadow="md"
      withinPortal={false}
      withInitialFocusPlaceholder={false}
      onClose={() => setFailure(undefined)}
    >
      <Menu.Target>
        <Button
          variant="subtle"
          color="gray"
          size="compact-sm"
          aria-label={`Account: ${session.keyName}, ${session.role}`}
          leftSection={<UserRound size={16} aria-hidden />}
          rightSection={<ChevronDown size={14} aria-hidden />}
        >
          {session.role}
        </Button>
      </Menu.Target>
      <Menu.Dropdown>
        <Menu.Label>
          Key “{session.keyName}”, {session.role}
          {session.instance ? ' of the instance' : ''}
        </Menu.Label>
        {outside
          .filter(({ role }) => rank >= roles.indexOf(role))
          .map(({ label, href }) => (
            <Menu.Item
              key={href}
              component="a"
              href={href}
              leftSection={<ExternalLink size={15} aria-hidden />}
            >
              {label}
            </Menu.Item>
          ))}
        <Menu.Divider />
        <Menu.Item
          closeMenuOnClick={false}
          leftSection={<LogOut size={15} aria-hidden />}
          onClick={() => void signOut()}
        >
          Sign out
        </Menu.Item>
        {failure !== undefined && <Menu.Label className={styles.failure}>{failure}</Menu.Label>}
      </Menu.Dropdown>
    </Menu>
  );
}
