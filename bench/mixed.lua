-- Script for wrk: the GET requests of BENCH_PATHS (separated by spaces) in turn, and every tenth request a POST of a
-- new link.
local thread_counter = 0

function setup(thread)
  thread:set("number", thread_counter)
  thread_counter = thread_counter + 1
end

function init()
  wrk.headers["Authorization"] = "Bearer " .. os.getenv("BENCH_TOKEN")
  run, count, paths = os.getenv("BENCH_RUN"), 0, {}
  for path in os.getenv("BENCH_PATHS"):gmatch("%S+") do paths[#paths + 1] = path end
end

function request()
  count = count + 1
  if count % 10 > 0 then return wrk.format("GET", paths[count % #paths + 1]) end
  local headers = { ["Content-Type"] = "application/json" }
  for name, value in pairs(wrk.headers) do headers[name] = value end
  return wrk.format("POST", "/link/", headers, string.format(
    '{"link":"https://example.org/mixed/%s/%d-%d","title":"written under load","tag":"books"}', run, number, count))
end

function done(summary)
  local errors = summary.errors
  local lost = errors.connect + errors.read + errors.write + errors.timeout
  io.write(string.format("RESULT %d %d %d %d\n", summary.requests, summary.duration, errors.status, lost))
end
