-- Removes an entry, or ends a lease: one key, which Redis finds wherever it lies while its slot moves.
-- KEYS[1] entry or lease
-- ARGV[1] entry | lease
-- Reply: 1, or 0 when there was none.
-- @include lease
local name, kind = KEYS[1], ARGV[1]

if kind == 'entry' then return redis.call('UNLINK', name) end
local found = redis.call('EXISTS', name)
end_lease(name)
return found
