import type { Child } from 'hono/jsx';

interface FieldProps {
  readonly name: string;
  readonly label: string;
  readonly value?: string | undefined;
  readonly type?: 'text' | 'number' | 'date' | 'datetime-local';
  readonly hint?: Child;
  readonly required?: boolean;
  readonly min?: number;
  readonly max?: number;
  readonly step?: string;
  readonly placeholder?: string;
  readonly maxlength?: number;
}

/** A field of a form with its name above it, and below it what to put in. */
export const Field = ({ name, label, hint, type = 'text', ...input }: FieldProps) => (
  <p class="field">
    <label for={`f-${name}`}>{label}</label>
    <input
      id={`f-${name}`}
      name={name}
      type={type}
      autocomplete="off"
      spellcheck={false}
      {...input}
      {...(hint !== undefined && { 'aria-describedby': `h-${name}` })}
    />
    {hint !== undefined && (
      <span class="hint" id={`h-${name}`}>
        {hint}
      </span>
    )}
  </p>
);

interface ChoiceProps {
  readonly name: string;
  readonly label: string;
  readonly chosen: string | undefined;
  /** What is sent, and the words for it. */
  readonly choices: readonly (readonly [value: string, words: string])[];
}

/** One of few. */
export const Choice = ({ name, label, chosen, choices }: ChoiceProps) => (
  <p class="field">
    <label for={`f-${name}`}>{label}</label>
    <select id={`f-${name}`} name={name}>
      {choices.map(([value, words]) => (
        <option value={value} selected={value === chosen}>
          {words}
        </option>
      ))}
    </select>
  </p>
);
