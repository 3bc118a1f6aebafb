export interface Annotation {
  readonly path: string;
  readonly start_line: number;
  readonly annotation_level: string;
  readonly message: string;
  readonly title?: string;
}

export interface CheckOutput {
  readonly title: string;
  readonly summary: string;
  readonly text?: string;
  readonly annotations?: readonly Annotation[];
}

/** What a caller sends of a check run. */
export interface CheckBody {
  readonly name?: string;
  readonly head_sha?: string;
  readonly external_id?: string;
  readonly details_url?: string;
  readonly status?: string;
  readonly conclusion?: string;
  readonly started_at?: string;
  readonly completed_at?: string;
  readonly output?: CheckOutput;
}

export interface Check extends Omit<CheckBody, 'output'> {
  readonly id: number;
  readonly name: string;
  readonly head_sha: string;
  readonly status: string;
  readonly output: CheckOutput | undefined;
  /** Of all calls: each call adds its own. */
  readonly annotations: readonly Annotation[];
}

export interface Reaction {
  readonly id: number;
  readonly content: string;
  readonly login: string;
  readonly createdAt: string;
}

export interface Comment {
  readonly id: number;
  readonly issue: number;
  readonly login: string;
  readonly body: string;
  readonly reactions: readonly Reaction[];
  /** How often its text was written anew. */
  readonly edits: number;
}

/** What GitHub keeps. Each verb is whole: two calls never meet inside of one. */
export class GithubStore {
  readonly checks: Check[] = [];
  readonly comments: Comment[] = [];
  /** The head commit of each pull request, by its number. */
  readonly pulls = new Map<number, string>();
  #lastId = 1000;

  #nextId(): number {
    this.#lastId += 1;
    return this.#lastId;
  }

  createCheck(body: CheckBody): Check {
    const { name = '', head_sha = '', output } = body;
    const check: Check = {
      ...{ status: 'queued', ...body, name, head_sha, output, id: this.#nextId() },
      // GitHub takes a conclusion as the end.
      ...(body.conclusion !== undefined && { status: 'completed' }),
      annotations: output?.annotations ?? [],
    };
    this.checks.push(check);
    return check;
  }

  updateCheck(id: number, body: CheckBody): Check | undefined {
    const index = this.checks.findIndex((check) => check.id === id);
    const old = this.checks[index];
    if (old === undefined) return undefined;
    const made: Check = {
      ...{ ...old, ...body, output: body.output ?? old.output },
      ...(body.conclusion !== undefined && { status: 'completed' }),
      annotations: [...old.annotations, ...(body.output?.annotations ?? [])],
    };
    this.checks[index] = made;
    return made;
  }

  createComment(issue: number, login: string, body: string): Comment {
    const comment = { id: this.#nextId(), issue, login, body, reactions: [], edits: 0 };
    this.comments.push(comment);
    return comment;
  }

  comment = (id: number): Comment | undefined => this.comments.find((comment) => comment.id === id);

  #change(id: number, how: (comment: Comment) => Comment): Comment | undefined {
    const index = this.comments.findIndex((comment) => comment.id === id);
    const old = this.comments[index];
    if (old === undefined) return undefined;
    const made = how(old);
    this.comments[index] = made;
    return made;
  }

  updateComment = (id: number, body: string): Comment | undefined =>
    this.#change(id, (old) => ({ ...old, body, edits: old.edits + 1 }));

  deleteComment(id: number): boolean {
    const index = this.comments.findIndex((comment) => comment.id === id);
    if (index !== -1) this.comments.splice(index, 1);
    return index !== -1;
  }

  /** Somebody has each reaction to a comment once: `isNew` says whether it was not there before. */
  react(id: number, login: string, content: string): { reaction: Reaction; isNew: boolean } | undefined {
    const had = this.comment(id)?.reactions.find((one) => one.login === login && one.content === content);
    if (had !== undefined) return { reaction: had, isNew: false };
    const reaction = { id: this.#nextId(), content, login, createdAt: new Date().toISOString() };
    const made = this.#change(id, (old) => ({ ...old, reactions: [...old.reactions, reaction] }));
    return made && { reaction, isNew: true };
  }

  deleteReaction(id: number, reactionId: number): boolean {
    const had = this.comment(id)?.reactions.some((one) => one.id === reactionId) === true;
    this.#change(id, (old) => ({
      ...old,
      reactions: old.reactions.filter((one) => one.id !== reactionId),
    }));
    return had;
  }
}
