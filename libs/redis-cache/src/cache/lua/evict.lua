-- Removes entries together with their leases: loads that run for them will not be stored.
-- KEYS[1] index
-- ARGV[1] what the entry keys begin with   ARGV[2] what the lease keys begin with   ARGV[3] keys, each preceded by its length as 4 bytes
-- Reply: how many entries there were.
-- @include lease
local index, entry_head, lease_head, keys = KEYS[1], ARGV[1], ARGV[2], ARGV[3]

local removed, at = 0, 1
while at <= #keys do
  local length = struct.unpack('>I4', keys, at)
  local key = string.sub(keys, at + 4, at + 3 + length)
  at = at + 4 + length
  removed = removed + redis.call('UNLINK', entry_head .. key)
  end_lease(lease_head .. key)
  redis.call('ZREM', index, 'k' .. key)
end
return removed
