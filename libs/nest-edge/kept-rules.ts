import { getMetadataStorage, type ValidationArguments, ValidationTypes } from 'class-validator';

type Condition = (object: object, value: unknown) => boolean;
type Rule = (object: object, value: unknown) => boolean;

interface Field {
  readonly name: string;
  /** Where one of them does not hold, nothing is asked of the field. */
  readonly conditions: Condition[];
  readonly rules: Rule[];
}

interface FieldsOfClass {
  readonly names: ReadonlySet<string>;
  readonly fields: readonly Field[];
}

/** What class-validator knows of a rule. */
type Known = ReturnType<
  ReturnType<typeof getMetadataStorage>['getTargetValidationMetadatas']
>[number];

/** Null: something of the class is asked otherwise than by rules of single values. */
const KNOWN = new Map<object, FieldsOfClass | null>();

/**
 * Whether an instance keeps every rule its class has in class-validator, and has no field besides. The rules are
 * class-validator's own; it would look them up, sort them and make ready the words of what they might find anew for every
 * body, while nearly all bodies are in order.
 *
 * What class-transformer would make of a field is left out: whoever may import it (the import table) has it turn texts
 * into numbers, whose rules a text does not keep.
 *
 * @returns false also where it cannot tell (nested classes, promises, rules under conditions of their own): class-validator
 * decides then, and finds the words
 */
export function keepsEveryRule(given: object): boolean {
  const type = given.constructor;
  let known = KNOWN.get(type);
  if (known === undefined) KNOWN.set(type, (known = fieldsOf(type as new () => object)));
  if (known === null) return false;
  for (const name of Object.keys(given)) if (!known.names.has(name)) return false;
  for (const field of known.fields) if (!keeps(field, given)) return false;
  return true;
}

function keeps({ name, conditions, rules }: Field, given: object): boolean {
  const value = (given as Readonly<Record<string, unknown>>)[name];
  for (const applies of conditions) if (!applies(given, value)) return true;
  for (const holds of rules) if (!holds(given, value)) return false;
  return true;
}

function fieldsOf(type: new () => object): FieldsOfClass | null {
  const all = getMetadataStorage().getTargetValidationMetadatas(type, '', false, false);
  const fields = new Map<string, Field>();
  for (const known of all) {
    const name = known.propertyName;
    const field = fields.get(name) ?? { name, conditions: [], rules: [] };
    fields.set(name, field);
    if (known.type === ValidationTypes.WHITELIST) continue;
    if (known.type === ValidationTypes.CONDITIONAL_VALIDATION) {
      field.conditions.push((known.constraints as readonly Condition[])[0] as Condition);
      continue;
    }
    const rules = rulesOf(known, type.name);
    if (rules === null) return null;
    field.rules.push(...rules);
  }
  if (fields.size === 0) return null;
  return { names: new Set(fields.keys()), fields: [...fields.values()] };
}

function rulesOf(known: Known, targetName: string): Rule[] | null {
  const isNested = known.type === ValidationTypes.NESTED_VALIDATION;
  const isPromise = known.type === ValidationTypes.PROMISE_VALIDATION;
  if (isNested || isPromise || known.validateIf !== undefined) return null;
  const { propertyName: property, constraints } = known;
  const rules = getMetadataStorage().getTargetValidatorConstraints(known.constraintCls);
  return rules.map(({ instance }) => (object, value) => {
    const about: ValidationArguments = { targetName, property, object, value, constraints };
    // A promise is not true: class-validator waits for it.
    if (!known.each || !Array.isArray(value)) return instance.validate(value, about) === true;
    return value.every((one) => instance.validate(one, about) === true);
  });
}
