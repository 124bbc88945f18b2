import { Button, FileButton, Textarea } from '@mantine/core';
import { useMutation, useQueryClient } from '@tanstack/react-query';
import { useNavigate } from '@tanstack/react-router';
import { FileUp } from 'lucide-react';
import { useState } from 'react';
import type { Template } from '#libs/contracts';
import { Dialog } from '../../components/dialog.tsx';
import { ProblemPanel } from '../../components/problem.tsx';
import { useAnnounce } from '../../components/announcer.tsx';
import { client } from '../../queries/client.ts';
import { templateKeys } from '../../queries/templates.ts';
import styles from './templates.module.css';

/**
 * Makes a template of YAML, or a further version of one. What is wrong is told with its line.
 * @param of the template that gets a version; left out: a new one
 */
export function ImportTemplate({
  of,
  yaml: begin = '',
  onClose,
}: {
  of?: Template | undefined;
  yaml?: string | undefined;
  onClose: () => void;
}) {
  const queries = useQueryClient();
  const navigate = useNavigate();
  const announce = useAnnounce();
  const [yaml, setYaml] = useState(begin);
  const make = useMutation({
    mutationFn: () =>
      of
        ? client.createTemplateVersion({ params: { id: of.id }, body: { yaml } })
        : client.createTemplate({ body: { yaml } }),
    onSuccess: async (made) => {
      await queries.invalidateQueries({ queryKey: templateKeys.all });
      announce(of ? `Version ${made.version} is saved` : `The template ${made.name} is imported`);
      onClose();
      await navigate({ to: '/templates/$templateId', params: { templateId: made.id } });
    },
  });
  const read = async (file: File | null): Promise<void> => {
    if (!file) return;
    setYaml(await file.text());
    make.reset();
  };
  return (
    <Dialog
      title={of ? `Version ${of.version + 1} of ${of.name}` : 'Import a template'}
      size="46rem"
      fills
      onClose={onClose}
    >
      <form
        className={styles.form}
        onSubmit={(event) => {
          event.preventDefault();
          make.mutate();
        }}
      >
        <Textarea
          size="xs"
          label="YAML"
          description={
            of
              ? 'As the template is exported; its name stays as it is'
              : 'As a template is exported; the name in it must be a new one to tell them apart'
          }
          data-autofocus
          autosize
          minRows={12}
          maxRows={24}
          spellCheck={false}
          classNames={{ input: styles.code }}
          error={make.isError}
          value={yaml}
          onChange={({ currentTarget }) => {
            setYaml(currentTarget.value);
            if (!make.isIdle) make.reset();
          }}
        />
        {make.isError && <ProblemPanel error={make.error} doing="use this YAML" />}
        <div className={styles.buttons}>
          <FileButton accept=".yaml,.yml" onChange={(file) => void read(file)}>
            {(button) => (
              <Button
                {...button}
                size="xs"
                variant="default"
                leftSection={<FileUp size={14} aria-hidden />}
              >
                Read a file
              </Button>
            )}
          </FileButton>
          <Button type="submit" size="xs" disabled={yaml.trim() === '' || make.isPending}>
            {make.isPending ? 'Checking…' : of ? 'Save the version' : 'Import'}
          </Button>
        </div>
      </form>
    </Dialog>
  );
}
