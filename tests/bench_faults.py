def faults(start, redis, rounds): return {}
def bake_times(folder): return {}
