import type { Run } from '../../../../protocol/shapes/run.ts';
import { OutsideLink } from '../../parts/link.tsx';
import { plain } from '../../parts/plain.ts';

const most = 8;

/** Where the run came from: workflow, branch, pull request, commit; and what its submit said beside. */
export function Origin({ run: { github, metadata } }: { readonly run: Run }) {
  const said = Object.entries(metadata).slice(0, most);
  if (!github && said.length === 0) return null;
  return (
    <p class="facts">
      {github && <FromGithub github={github} />}
      {said.map(([name, value]) => (
        <span>
          {plain(name, 40)}: {plain(value, 120)}
        </span>
      ))}
    </p>
  );
}

function FromGithub({ github }: { readonly github: NonNullable<Run['github']> }) {
  const repository = `https://github.com/${github.repository}`;
  const branch = github.ref.replace(/^refs\/(heads|tags)\//, '');
  return (
    <>
      <OutsideLink href={repository}>{plain(github.repository, 80)}</OutsideLink>
      {github.pr_number === undefined ? (
        <span>{plain(branch, 80)}</span>
      ) : (
        <OutsideLink href={`${repository}/pull/${github.pr_number}`}>
          pull request #{github.pr_number}
        </OutsideLink>
      )}
      <OutsideLink href={`${repository}/commit/${github.sha}`}>
        commit <span class="mono">{plain(github.sha.slice(0, 7))}</span>
      </OutsideLink>
      <OutsideLink href={`${repository}/actions/runs/${encodeURIComponent(github.run_id)}`}>
        {plain(github.workflow, 60)}, attempt {github.run_attempt}
      </OutsideLink>
    </>
  );
}
