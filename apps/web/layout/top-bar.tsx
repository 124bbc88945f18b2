import { ActionIcon, Drawer } from '@mantine/core';
import { useDisclosure } from '@mantine/hooks';
import { Menu as MenuIcon } from 'lucide-react';
import { ColorSchemeToggle } from '../theme/color-scheme-toggle.tsx';
import { AccountMenu } from './account-menu.tsx';
import { Brand } from './brand.tsx';
import { ConnectionHint } from './connection-hint.tsx';
import { GoTo } from './go-to/go-to.tsx';
import { NavigationLinks } from './navigation-links.tsx';
import styles from './top-bar.module.css';

/** The frame's top on a phone, or where the page is zoomed in: the navigation opens from a button. */
export function TopBar() {
  const [opened, { open, close }] = useDisclosure(false);
  return (
    <header className={styles.bar}>
      <ActionIcon
        variant="subtle"
        color="gray"
        size="lg"
        aria-label="Open the navigation"
        aria-expanded={opened}
        onClick={open}
      >
        <MenuIcon size={20} aria-hidden />
      </ActionIcon>
      <Brand />
      <div className={styles.end}>
        <ConnectionHint />
        <GoTo compact />
        <ColorSchemeToggle />
        <AccountMenu />
      </div>
      {/* Put together here, since the drawer's own head would be a second banner of the page. */}
      <Drawer.Root opened={opened} onClose={close} size="17rem">
        <Drawer.Overlay />
        <Drawer.Content aria-label="Navigation">
          <Drawer.Body className={styles.drawer}>
            <Drawer.CloseButton aria-label="Close the navigation" className={styles.close} />
            <NavigationLinks onFollow={close} />
          </Drawer.Body>
        </Drawer.Content>
      </Drawer.Root>
    </header>
  );
}
