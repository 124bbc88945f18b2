import { Combobox, TextInput, useCombobox } from '@mantine/core';
import { useDebouncedValue } from '@mantine/hooks';
import { useQuery } from '@tanstack/react-query';
import { useNavigate, type NavigateOptions } from '@tanstack/react-router';
import { Database, ListChecks, Search, type LucideIcon } from 'lucide-react';
import { useEffect, useId, useState } from 'react';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { formatCount } from '../../format/numbers.ts';
import { foundByNameQuery } from '../../queries/found-by-name.ts';
import { useDestinations } from '../use-destinations.ts';
import styles from './go-to.module.css';

interface Place {
  id: string;
  name: string;
  about?: string;
  icon: LucideIcon;
  leads: NavigateOptions;
}

/** Screens, runs and datasets with a text in their names; Enter goes to the first, arrows to others. */
export default function GoToDialog({ onClose }: { onClose: () => void }) {
  const [text, setText] = useState('');
  const [search] = useDebouncedValue(text.trim(), 150);
  const query = useQuery(foundByNameQuery(search));
  // Also what was found for an earlier text: Enter never leads to what this one does not name.
  const isNamed = (name: string): boolean => name.toLowerCase().includes(text.trim().toLowerCase());
  const isAnswered = query.isSuccess && !query.isPlaceholderData && search === text.trim();
  const screens = useDestinations()
    .flatMap(({ destinations }) => destinations)
    .filter(({ label }) => isNamed(label));
  const runs = (query.data?.runs ?? []).filter(({ name }) => isNamed(name));
  const datasets = (query.data?.datasets ?? []).filter(({ name }) => isNamed(name));
  const groups: { name: string; places: Place[] }[] = [
    {
      name: 'Screens',
      places: screens.map(({ label, to, icon }) => ({
        id: `screen ${to}`,
        name: label,
        icon,
        leads: { to },
      })),
    },
    {
      name: 'Runs',
      places: runs.map(({ id, name, datasetName }) => ({
        id: `run ${id}`,
        name,
        about: datasetName,
        icon: ListChecks,
        leads: { to: '/runs/$runId', params: { runId: id } },
      })),
    },
    {
      name: 'Datasets',
      places: datasets.map(({ id, name, itemCount }) => ({
        id: `dataset ${id}`,
        name,
        about: `${formatCount(itemCount)} items`,
        icon: Database,
        leads: { to: '/datasets/$datasetId', params: { datasetId: id } },
      })),
    },
  ];
  const places = groups.flatMap((group) => group.places);
  const list = useId();
  const combobox = useCombobox({ opened: true });
  const { selectFirstOption } = combobox;
  const shown = places.map(({ id }) => id).join();
  useEffect(() => {
    if (shown !== '') selectFirstOption();
  }, [shown, selectFirstOption]);
  const navigate = useNavigate();
  const go = (id: string): void => {
    const place = places.find((one) => one.id === id);
    if (!place) return;
    onClose();
    void navigate(place.leads);
  };
  return (
    <Dialog title="Go to" size="34rem" onClose={onClose}>
      <Combobox store={combobox} onOptionSubmit={go}>
        {/* The list is always there, and Escape closes the dialog. */}
        <Combobox.EventsTarget
          withExpandedAttribute
          aria-expanded
          aria-controls={list}
          data-mantine-stop-propagation="false"
        >
          <TextInput
            data-autofocus
            aria-label="Part of a name"
            placeholder="A screen, a run, a dataset"
            leftSection={<Search size={15} aria-hidden />}
            value={text}
            onChange={({ currentTarget }) => setText(currentTarget.value)}
          />
        </Combobox.EventsTarget>
        {query.isError && <ProblemPanel error={query.error} doing="look for runs and datasets" />}
        <Combobox.Options id={list} className={styles.options} aria-label="Where to go">
          {groups.map(
            ({ name, places: ofGroup }) =>
              ofGroup.length > 0 && (
                <Combobox.Group
                  key={name}
                  label={name}
                  classNames={{ groupLabel: styles.group ?? '' }}
                >
                  {ofGroup.map(({ id, name: label, about, icon: Icon }) => (
                    <Combobox.Option key={id} value={id} className={styles.option}>
                      <Icon size={15} aria-hidden />
                      <span>{label}</span>
                      {about !== undefined && <span className={styles.about}>{about}</span>}
                    </Combobox.Option>
                  ))}
                </Combobox.Group>
              ),
          )}
          {places.length === 0 && isAnswered && (
            <Combobox.Empty className={styles.none}>Nothing has this in its name.</Combobox.Empty>
          )}
        </Combobox.Options>
      </Combobox>
    </Dialog>
  );
}
