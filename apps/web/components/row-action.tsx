import { createLink, type LinkComponent } from '@tanstack/react-router';
import { createContext, useContext, type ComponentProps } from 'react';
import styles from './virtual-table.module.css';

/** Whether the row is the one that Tab reaches; j, k and the arrows reach the others. */
export const RowActionContext = createContext(false);

function Anchor({ children, href, ...rest }: ComponentProps<'a'>) {
  const tabbable = useContext(RowActionContext);
  return (
    <a {...rest} href={href} className={styles.action} tabIndex={tabbable ? 0 : -1} data-row-action>
      {children}
    </a>
  );
}
const AnchorLink = createLink(Anchor);

/** The link that a whole row is. */
export const RowLink: LinkComponent<typeof Anchor> = (props) => <AnchorLink {...props} />;

/** The button that a whole row is. */
export function RowButton(props: Omit<ComponentProps<'button'>, 'type' | 'tabIndex'>) {
  const tabbable = useContext(RowActionContext);
  return (
    <button
      {...props}
      type="button"
      className={styles.action}
      tabIndex={tabbable ? 0 : -1}
      data-row-action
    />
  );
}
