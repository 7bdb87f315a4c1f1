-- One slice of a walk over the index: evicts, or only lists, the members of a range. While the slot moves, it only lists.
-- KEYS[1] index
-- ARGV[1] from   ARGV[2] to   ARGV[3] the most members to look at   ARGV[4] evict | list
-- ARGV[5] what the entry keys begin with   ARGV[6] what the lease keys begin with
-- Reply: nil when the index is not complete; else {entries removed, last member or '' at the end, members when listed}.
-- @include tags
-- @include index
-- @include lease
-- @include moving
local index, from, to, limit, action = KEYS[1], ARGV[1], ARGV[2], ARGV[3], ARGV[4]
local entry_head, lease_head = ARGV[5], ARGV[6]

if not redis.call('ZSCORE', index, COMPLETE) then return false end

local members = redis.call('ZRANGEBYLEX', index, from, to, 'LIMIT', 0, limit)
local last = #members == tonumber(limit) and members[#members] or ''
if action == 'list' or is_moving(index) then return { 0, last, members } end

local removed = 0
for _, member in ipairs(members) do
  local key = key_of_member(member)
  removed = removed + redis.call('UNLINK', entry_head .. key)
  end_lease(lease_head .. key)
  redis.call('ZREM', index, member, 'k' .. key)
end
return { removed, last }
