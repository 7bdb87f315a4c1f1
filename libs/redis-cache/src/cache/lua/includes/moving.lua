-- Whether the slot of an index is on its way to another node of a cluster, so that what is not found here may be there: a node
-- of such a slot refuses a command with two keys that it does not have. Without braces in its keys it is no cluster.
local function is_moving(index)
  if not string.find(index, '{', 1, true) then return false end
  return type(redis.pcall('EXISTS', index .. '\0none', index .. '\0nothing')) == 'table'
end
