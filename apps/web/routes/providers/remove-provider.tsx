import { useMutation, useQueryClient } from '@tanstack/react-query';
import type { Provider } from '#libs/contracts';
import { useAnnounce } from '../../components/announcer.tsx';
import { Confirm } from '../../components/confirm.tsx';
import { client } from '../../queries/client.ts';

export function RemoveProvider({ provider, onClose }: { provider: Provider; onClose: () => void }) {
  const queries = useQueryClient();
  const announce = useAnnounce();
  const remove = useMutation({
    mutationFn: () => client.deleteProvider({ params: { id: provider.id } }),
    onSuccess: () => {
      void queries.invalidateQueries({ queryKey: ['providers'] });
      announce(`The provider ${provider.name} is deleted`);
      onClose();
    },
  });
  return (
    <Confirm
      title={`Delete ${provider.name}?`}
      confirm="Delete it for good"
      doing="delete the provider"
      pending={remove.isPending}
      error={remove.error}
      onConfirm={() => remove.mutate()}
      onClose={onClose}
    >
      <p>
        It goes with its key, limits and prices, and cannot be brought back. Results stay. Items and
        judges of runs that still ask it fail with <code>not_configured</code>.
      </p>
    </Confirm>
  );
}
