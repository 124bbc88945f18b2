import { Button, type ButtonProps } from '@mantine/core';
import { createLink, type LinkComponent } from '@tanstack/react-router';
import type { ComponentPropsWithRef } from 'react';

type AnchorProps = Omit<ButtonProps, keyof ComponentPropsWithRef<'a'>> &
  Omit<ComponentPropsWithRef<'a'>, 'color'> &
  Pick<ButtonProps, 'color'>;

const Anchor = (props: AnchorProps) => <Button component="a" {...props} />;
const AnchorLink = createLink(Anchor);

/** A link that looks like a button, for what leads elsewhere in the page. */
export const ButtonLink: LinkComponent<typeof Anchor> = (props) => <AnchorLink {...props} />;
