import statistics
def report(figures, found, contenders):
    lines=[]
    for c in contenders:
        f=figures[c.letter]
        b=figures["b"]
        lines.append(c.name)
        for k,v in f.items():
            r=[x/y for x,y in zip(v,b[k]) if y]
            lines.append(f"   {k:30} {statistics.median(v):10.2f}  {statistics.median(r) if r else 0:6.3f}  {min(r or [0]):6.3f} {max(r or [0]):6.3f}")
    return "\n".join(lines)
