import { PARAMTYPES_METADATA, ROUTE_ARGS_METADATA } from '@nestjs/common/constants.js';
import { RouteParamtypes } from '@nestjs/common/enums/route-paramtypes.enum.js';
import { getMetadataStorage } from 'class-validator';

type Class = abstract new (...args: never[]) => unknown;

interface Argument {
  readonly index: number;
  /** Name of the one field that is taken, where it is not all of them. */
  readonly data?: string;
  readonly pipes: readonly unknown[];
}

/** Whole bodies and queries are objects of somebody else's making; one field of an address is text, and bounded. */
const WHOLE = [RouteParamtypes.BODY, RouteParamtypes.QUERY];
const VALUES: readonly unknown[] = [String, Number, Boolean];

/** Whether the global pipe finds rules in the class: without any it would let everything through. */
const hasRules = (type: unknown): boolean =>
  typeof type === 'function' &&
  getMetadataStorage().getTargetValidationMetadatas(type as Class, '', false, false).length > 0;

/**
 * What of a handler's input nothing validates: a body or query without a class of rules, or a part of an address of no
 * plain type.
 *
 * @returns names of the arguments, `body`, `query` or `param <name>`; empty when everything is validated
 */
export function unvalidatedInputs(controller: Class, method: string): string[] {
  const declared = (Reflect.getMetadata(ROUTE_ARGS_METADATA, controller, method) ?? {}) as Readonly<
    Record<string, Argument>
  >;
  const prototype = controller.prototype as object;
  const types = (Reflect.getMetadata(PARAMTYPES_METADATA, prototype, method) ?? []) as unknown[];
  return Object.entries(declared).flatMap(([key, { index, data, pipes }]) => {
    const kind = Number(key.split(':')[0]) as RouteParamtypes;
    const type = types[index];
    if (WHOLE.includes(kind)) {
      const validated = data === undefined ? hasRules(type) : pipes.length > 0;
      return validated ? [] : [kind === RouteParamtypes.BODY ? 'body' : 'query'];
    }
    if (kind !== RouteParamtypes.PARAM || pipes.length > 0) return [];
    const validated = data === undefined ? hasRules(type) : VALUES.includes(type);
    return validated ? [] : [`param ${data ?? '*'}`];
  });
}
