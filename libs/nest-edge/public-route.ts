import { SetMetadata } from '@nestjs/common';

export const PUBLIC_ROUTE = 'fundflow:public-route';

/** Marks a route (or a whole controller) that strangers may call. Every other route names the action it needs. */
export const Public = () => SetMetadata(PUBLIC_ROUTE, true);
