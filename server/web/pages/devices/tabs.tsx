import { Link } from '../../parts/link.tsx';

/** Between the pages of the fleet. */
export const FleetTabs = ({ at }: { readonly at: 'devices' | 'agents' | 'device' }) => (
  <nav class="choices" aria-label="Pages of the fleet">
    <Link to="/devices" class="choice" {...(at === 'devices' && { 'aria-current': 'page' as const })}>
      Devices
    </Link>
    <Link to="/agents" class="choice" {...(at === 'agents' && { 'aria-current': 'page' as const })}>
      Agents
    </Link>
  </nav>
);
