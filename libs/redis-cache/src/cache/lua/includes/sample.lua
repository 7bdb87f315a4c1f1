-- Needs: envelope, index, moving.
local MEMBERS_SAMPLED_PER_WRITTEN = 2

-- A member is dead when neither entry nor lease exists, or when no lease does and the entry does not carry the tag.
local function is_dead(member, entry_head, lease_head)
  local key = key_of_member(member)
  local member_tag = string.match(member, '^t([^%z]*)%z')
  if not member_tag then return redis.call('EXISTS', entry_head .. key, lease_head .. key) == 0 end
  for tag in each_tag(tags_of(entry_head .. key)) do
    if tag == member_tag then return false end
  end
  return redis.call('EXISTS', lease_head .. key) == 0
end

-- Looks at a few members at random and drops the dead: so an index stays in proportion to what lives. Where one was dead
-- there are more: then it looks once again. At a third dead it drops as many as are written: an index of 1.5 members for
-- each that lives.
local function sample(index, written, entry_head, lease_head)
  if is_moving(index) then return end
  for _ = 1, 2 do
    local found = false
    for _, member in ipairs(redis.call('ZRANDMEMBER', index, written * MEMBERS_SAMPLED_PER_WRITTEN)) do
      if string.byte(member) ~= 0 and is_dead(member, entry_head, lease_head) then
        redis.call('ZREM', index, member)
        found = true
      end
    end
    if not found then return end
  end
end
