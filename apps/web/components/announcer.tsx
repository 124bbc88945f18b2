import { createContext, useCallback, useContext, useState, type ReactNode } from 'react';

const AnnounceContext = createContext<(text: string) => void>(() => undefined);

/** Says something to a screen reader, when it has finished what it is saying. Use it seldom. */
export const useAnnounce = (): ((text: string) => void) => useContext(AnnounceContext);

export function Announcer({ children }: { children: ReactNode }) {
  const [said, setSaid] = useState({ text: '', count: 0 });
  const announce = useCallback((text: string) => {
    setSaid((before) => ({ text, count: before.count + 1 }));
  }, []);
  return (
    <AnnounceContext value={announce}>
      {children}
      <output className="visually-hidden" aria-live="polite">
        <span key={said.count}>{said.text}</span>
      </output>
    </AnnounceContext>
  );
}
