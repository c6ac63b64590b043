"""The scripts that the bus runs inside Redis (7 or later), each atomic.

A topic is three keys: a stream whose ids count 0-1, 0-2, … without a gap; its generation; and a bell, a stream of one
empty entry that readers wait at, so that waiting never moves a message. A generation begins when a key is missing or
broken, and whenever the server was started anew: one that comes back, even with a dump, may have lost what it took.
``ARGV[1]`` is a random word for a generation that begins now.
"""

from __future__ import annotations

_GENERATION = """
local stream, key, bell = KEYS[1], KEYS[2], KEYS[3]
local server = string.sub(string.match(redis.call('INFO', 'server'), 'run_id:(%x+)'), 1, 16)

local function ring()
  redis.call('XADD', bell, 'MAXLEN', 1, '*', 'b', '')
end

local function begin()
  redis.call('UNLINK', stream, bell)
  redis.call('XGROUP', 'CREATE', stream, 'g', '$', 'MKSTREAM')
  redis.call('XGROUP', 'DESTROY', stream, 'g')
  redis.call('SET', key, server .. ARGV[1])
  ring()
  return server .. ARGV[1]
end

local function is_stream(name)
  return redis.call('TYPE', name)['ok'] == 'stream'
end

local function generation()
  local known = redis.pcall('GET', key)
  local sound = type(known) == 'string' and #known <= 64 and string.sub(known, 1, 16) == server
  return sound and is_stream(stream) and is_stream(bell) and known or begin()
end

local function last()
  local facts = redis.call('XINFO', 'STREAM', stream)
  for index = 1, #facts, 2 do
    if facts[index] == 'last-generated-id' then
      return facts[index + 1]
    end
  end
end
"""

#: ARGV: word, message, messages kept. Returns generation and id.
PUBLISH = (
    _GENERATION
    + """
local current = generation()
local id = redis.pcall('XADD', stream, 'MAXLEN', '~', ARGV[3], '0-*', 'p', ARGV[2])
if type(id) == 'table' then
  local why = id['err'] or ''
  local foreign = string.find(why, 'ID specified') or string.find(why, 'too large') or string.find(why, 'exhausted')
  if not foreign then
    return id
  end
  current = begin()  -- somebody else wrote an id that none of ours can follow
  id = redis.call('XADD', stream, '0-*', 'p', ARGV[2])
end
ring()
return {current, id}
"""
)

#: ARGV: word. Returns generation and the last id.
TAIL = _GENERATION + "local current = generation()\nreturn {current, last()}\n"

#: ARGV: word, the id before the first, most messages, most bytes of one, most bytes of all (one is always returned).
#: Returns generation and pairs of id and message ('' for a malformed one); without any also the last ids of stream and
#: bell.
READ = (
    _GENERATION
    + """
local current = generation()
local page, bytes = {}, 0
for _, entry in ipairs(redis.call('XRANGE', stream, '(' .. ARGV[2], '+', 'COUNT', ARGV[3])) do
  local fields, message = entry[2], ''
  if #fields == 2 and fields[1] == 'p' and #fields[2] <= tonumber(ARGV[4]) then
    message = fields[2]
  end
  bytes = bytes + #message
  if #page > 0 and bytes > tonumber(ARGV[5]) then
    break
  end
  page[#page + 1] = entry[1]
  page[#page + 1] = message
end
if #page > 0 then
  return {current, page}
end
return {current, page, last(), redis.call('XREVRANGE', bell, '+', '-', 'COUNT', 1)[1][1]}
"""
)
