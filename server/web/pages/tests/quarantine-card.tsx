import { huntWords } from '../../../../protocol/hunt-words.ts';
import { limits } from '../../../../protocol/limits.ts';
import { adviceOf } from '../../../../protocol/quarantine-advice.ts';
import type { Quarantine } from '../../../../protocol/shapes/quarantine.ts';
import type { Test } from '../../../../protocol/shapes/test.ts';
import { lanes } from '../../../../protocol/states.ts';
import { Card } from '../../parts/card.tsx';
import { Field } from '../../parts/field.tsx';
import { Link } from '../../parts/link.tsx';
import { plain } from '../../parts/plain.ts';
import { ActionButton, PostForm } from '../../parts/post-form.tsx';
import { Ago } from '../../parts/time.tsx';

interface QuarantineCardProps {
  readonly test: Test;
  readonly mayChange: boolean;
  /** Epoch ms. */
  readonly now: number;
}

const dayMs = 86_400_000;
const usualDays = 14;

/** Whether the failures of the test count, and the forms that change that. */
export const QuarantineCard = ({ test, mayChange, now }: QuarantineCardProps) => (
  <Card title="Quarantine" id="quarantine">
    <div class="card-body stack">
      {test.quarantine ? (
        <>
          <State quarantine={test.quarantine} />
          <Hunted quarantine={test.quarantine} />
        </>
      ) : (
        <p>
          Its failures count. In quarantine it runs and shows, and fails no run, until an end that you set.
        </p>
      )}
      {mayChange && test.quarantine && (
        <div>
          <ActionButton
            action={`/tests/${test.test_id}/quarantines/${test.quarantine.quarantine_id}/end`}
            danger
          >
            End it now
          </ActionButton>
        </div>
      )}
      {mayChange ? (
        <QuarantineForm test={test} now={now} />
      ) : (
        <p class="hint">An admin of the org puts tests into quarantine.</p>
      )}
    </div>
  </Card>
);

const State = ({
  quarantine: { owner, reason, ends_at: end, lanes: held },
}: {
  readonly quarantine: Quarantine;
}) => (
  <p class="notice waits">
    Its failures fail no run{' '}
    {held.length < lanes.length && <>of the lane {laneWords[held[0] ?? 'pull_request']} </>}
    until {end.slice(0, 16).replace('T', ' ')} UTC (<Ago at={end} />
    ). <span class="strong">{plain(owner, 200)}</span> mends it: {plain(reason, 1000)}
  </p>
);

/** What the server found by itself. */
const Hunted = ({ quarantine }: { readonly quarantine: Quarantine }) => (
  <>
    {quarantine.hunt && (
      <p>
        <Link to={`/runs/${quarantine.hunt.run_id}`}>Hunted by itself</Link>{' '}
        <Ago at={quarantine.hunt.ended_at} />: {adviceOf(quarantine) ?? huntWords(quarantine.hunt)}
      </p>
    )}
    {quarantine.hunting_run_id !== null && (
      <p>
        It is <Link to={`/runs/${quarantine.hunting_run_id}`}>hunted by itself</Link> now, on idle devices.
      </p>
    )}
  </>
);

const laneWords: Readonly<Record<(typeof lanes)[number], string>> = {
  pull_request: 'pull requests and all other runs',
  merge_queue: 'the merge queue',
};

/** The same form extends one, or changes its owner. */
function QuarantineForm({ test, now }: { readonly test: Test; readonly now: number }) {
  const { quarantine } = test;
  const end = quarantine ? Date.parse(quarantine.ends_at) : now + usualDays * dayMs;
  const dayOf = (at: number) => new Date(at).toISOString().slice(0, 16);
  return (
    <PostForm action={`/tests/${test.test_id}/quarantine`} class="fields">
      <Field
        name="owner"
        label="Owner"
        required
        maxlength={200}
        value={quarantine?.owner}
        hint="Who mends it."
      />
      <Field name="reason" label="Reason" required maxlength={1000} value={quarantine?.reason} />
      <Field
        name="ends_at"
        label="End, UTC"
        type="datetime-local"
        required
        value={dayOf(end)}
        hint={`From then on its failures count again; at most ${limits.quarantineDays} days ahead.`}
      />
      <fieldset>
        <legend>Where</legend>
        {lanes.map((lane) => (
          <label>
            <input
              type="checkbox"
              name="lane"
              value={lane}
              checked={quarantine ? quarantine.lanes.includes(lane) : true}
            />{' '}
            {laneWords[lane]}
          </label>
        ))}
      </fieldset>
      <button type="submit">{quarantine ? 'Change it' : 'Put it into quarantine'}</button>
    </PostForm>
  );
}
