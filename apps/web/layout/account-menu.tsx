import { Button, Menu } from '@mantine/core';
import { ChevronDown, ExternalLink, LogOut, UserRound } from 'lucide-react';
import { useState } from 'react';
import { roles } from '#libs/contracts';
import { client } from '../queries/client.ts';
import { useSession } from '../queries/session.ts';
import { useAnnounce } from '../components/announcer.tsx';
import { explain } from '../components/explain.ts';
import { outside } from './navigation.ts';
import styles from './account-menu.module.css';

/** Who is signed in, what they find outside of this page, and the way out. */
export function AccountMenu() {
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
      offset={4}
      width={250}
      shadow="md"
      withinPortal={false}
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
          .filter(
            ({ role, instance = false }) =>
              rank >= roles.indexOf(role) && (!instance || session.instance),
          )
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
