import { SegmentedControl } from '@mantine/core';

/** Switches a list between what is there and what is deleted. */
export function DeletedFilter(props: { deleted: boolean; onChange: (deleted: boolean) => void }) {
  return (
    <SegmentedControl
      size="xs"
      aria-label="Which are listed"
      value={props.deleted ? 'deleted' : 'there'}
      data={[
        { value: 'there', label: 'All' },
        { value: 'deleted', label: 'Deleted' },
      ]}
      onChange={(value) => props.onChange(value === 'deleted')}
    />
  );
}
