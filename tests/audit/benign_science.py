"""Functions that a data scientist would send to workers: a name, and the source that defines f."""

from __future__ import annotations

# fmt: off
NUMPY = {
    "monte carlo": "import numpy as np\ndef f(n, seed):\n rng = np.random.default_rng(seed)\n p = rng.random((n, 2))\n return 4 * np.mean((p ** 2).sum(axis=1) < 1)",
    "bootstrap": "import numpy as np\ndef f(x, n=1000):\n rng = np.random.default_rng()\n return np.percentile([rng.choice(x, len(x)).mean() for _ in range(n)], [2.5, 97.5])",
    "softmax": "import numpy as np\ndef f(x):\n e = np.exp(x - x.max(axis=-1, keepdims=True))\n return e / e.sum(axis=-1, keepdims=True)",
    "einsum": "import numpy as np\ndef f(a, b):\n return np.einsum('ij,jk->ik', a, b), np.tensordot(a, b, 1)",
    "fft": "import numpy as np\ndef f(x):\n y = np.fft.rfft(x)\n y[np.abs(y) < 1] = 0\n return np.fft.irfft(y)",
    "histogram": "import numpy as np\ndef f(x):\n h, e = np.histogram(x, bins='auto')\n return dict(zip(e.tolist(), h.tolist()))",
    "structured": "import numpy as np\ndef f():\n a = np.zeros(3, dtype=[('x', 'f4'), ('y', 'i8')])\n a['x'] = 1\n return np.sort(a, order='y').tobytes()",
    "convolution": "import numpy as np\ndef f(img, k):\n w = np.lib.stride_tricks.sliding_window_view(img, k.shape)\n return (w * k).sum(axis=(2, 3))",
    "polynomial": "import numpy as np\ndef f(x, y):\n c = np.polyfit(x, y, 2)\n return np.polyval(c, x), np.poly1d(c).roots",
    "masked": "import numpy as np\ndef f(x):\n m = np.ma.masked_invalid(x)\n return m.mean(), m.filled(0), np.nanmedian(x)",
    "one hot": "import numpy as np\ndef f(y, k):\n return np.eye(k)[np.asarray(y, dtype=int)].astype('float32')",
    "errstate": "import numpy as np\ndef f(a, b):\n with np.errstate(divide='ignore', invalid='ignore'):\n  return np.where(b != 0, a / b, 0.0)",
    "pca": "import numpy as np\ndef f(x, k=2):\n u, s, vt = np.linalg.svd(x - x.mean(0), full_matrices=False)\n return u[:, :k] * s[:k], vt[:k]",
    "k means": "import numpy as np\ndef f(x, k, steps=10):\n c = x[np.random.choice(len(x), k, replace=False)]\n for _ in range(steps):\n  d = np.linalg.norm(x[:, None] - c, axis=2).argmin(1)\n  c = np.array([x[d == i].mean(0) if (d == i).any() else c[i] for i in range(k)])\n return c",
    "print options": "import numpy as np\ndef f(a):\n with np.printoptions(precision=3, suppress=True):\n  return np.array2string(a)",
}
PANDAS = {
    "pivot": "import pandas as pd\ndef f(df):\n return df.pivot_table(index='a', columns='b', values='c', aggfunc='sum', fill_value=0).stack().reset_index(name='n')",
    "resample": "import pandas as pd\ndef f(df):\n df.index = pd.to_datetime(df['time'], utc=True)\n return df.resample('1D').agg({'x': 'mean', 'y': 'max'}).ffill().loc['2020':]",
    "text columns": "import pandas as pd\ndef f(df):\n s = df['name'].str.strip().str.lower().str.replace(r'[^a-z]', '', regex=True)\n return s[s.str.contains('x', na=False)].value_counts().to_dict()",
    "query": "def f(df, least):\n return df.query('a > 1 and b == \"x\"').assign(z=lambda d: d.a * 2)",
    "query of a new frame": "import pandas as pd\ndef f(rows):\n return pd.DataFrame(rows).query('a > 1').eval(expr='b = a * 2')",
    "merge as of": "import pandas as pd\ndef f(a, b):\n return pd.merge_asof(a.sort_values('t'), b.sort_values('t'), on='t', by='k', tolerance=pd.Timedelta('1s'))",
    "categories": "import pandas as pd\ndef f(df):\n df['k'] = pd.Categorical(df['k'], ordered=True)\n return pd.get_dummies(df, columns=['k']).astype(float)",
    "windows": "def f(df):\n return df.groupby('k')['x'].transform(lambda s: s.rolling(3, min_periods=1).mean()).shift().fillna(0)",
    "melt": "import pandas as pd\ndef f(df):\n return pd.melt(df, id_vars='id').dropna().drop_duplicates().set_index(['id', 'variable']).unstack()",
    "bins": "import pandas as pd\ndef f(s):\n return pd.cut(s, [0, 10, 20], labels=['low', 'high']).value_counts(normalize=True), pd.qcut(s, 4, duplicates='drop')",
    "row by row": "def f(df):\n out = []\n for row in df.itertuples(index=False):\n  out.append(row.a + getattr(row, 'b', 0))\n return out",
    "apply by rows": "def f(df, weight):\n return df.apply(lambda r: r['a'] * weight.get(r['b'], 1.0), axis=1)",
    "dates": "import pandas as pd\ndef f(n):\n d = pd.date_range('2024-01-01', periods=n, freq='D')\n return pd.Series(range(n), index=d).asfreq('12h', method='pad').between_time('00:00', '12:00')",
    "outliers": "def f(df, cols):\n q = df[cols].quantile([0.25, 0.75])\n i = q.loc[0.75] - q.loc[0.25]\n return df[~((df[cols] < q.loc[0.25] - 1.5 * i) | (df[cols] > q.loc[0.75] + 1.5 * i)).any(axis=1)]",
    "records": "import pandas as pd\ndef f(rows):\n return pd.DataFrame.from_records(rows).convert_dtypes().to_dict(orient='records')",
}
PLAIN = {
    "parsed lines": "import json, re\nfrom collections import Counter\nword = re.compile(r'\\w+')\ndef f(lines):\n c = Counter()\n for line in lines:\n  c.update(word.findall(json.loads(line)['text'].lower()))\n return c.most_common(10)",
    "grid": "import itertools\ndef f(space, score):\n keys = sorted(space)\n return max((dict(zip(keys, v)) for v in itertools.product(*(space[k] for k in keys))), key=lambda p: score(**p))",
    "retry": "import functools, time, random, logging\nlog = logging.getLogger(__name__)\ndef retry(n):\n def wrap(g):\n  @functools.wraps(g)\n  def inner(*a, **k):\n   for i in range(n):\n    try:\n     return g(*a, **k)\n    except ValueError as e:\n     log.warning('attempt %d: %s', i, e)\n     time.sleep(random.random())\n  return inner\n return wrap\n@retry(3)\ndef f(x): return x + 1",
    "timed": "import time\ndef f(g, *a):\n t = time.perf_counter()\n r = g(*a)\n print(f'{g.__name__}: {time.perf_counter() - t:.3f} s')\n return r",
    "batches": "from itertools import islice\ndef f(xs, n):\n it = iter(xs)\n while batch := list(islice(it, n)):\n  yield batch",
    "tokenizer": "import re, unicodedata\ndef f(s):\n s = unicodedata.normalize('NFKD', s).encode('ascii', 'ignore').decode()\n return [t for t in re.split(r'\\W+', s.lower()) if t]",
    "haversine": "from math import radians, sin, cos, asin, sqrt\ndef f(a, b):\n la, lo, lb, lp = map(radians, (*a, *b))\n h = sin((lb - la) / 2) ** 2 + cos(la) * cos(lb) * sin((lp - lo) / 2) ** 2\n return 2 * 6371 * asin(sqrt(h))",
    "config": "from dataclasses import dataclass, field, asdict\n@dataclass\nclass Config:\n rate: float = 0.1\n layers: list = field(default_factory=lambda: [8, 8])\n def scaled(self, by):\n  return Config(self.rate * by, list(self.layers))\ncfg = Config()\ndef f(): return asdict(cfg.scaled(2))",
    "estimator": "import numpy as np\nclass Ridge:\n def __init__(self, alpha=1.0): self.alpha = alpha\n def fit(self, x, y):\n  self.coef_ = np.linalg.solve(x.T @ x + self.alpha * np.eye(x.shape[1]), x.T @ y)\n  return self\n def predict(self, x): return x @ self.coef_\n def get_params(self, deep=True): return {'alpha': self.alpha}\n def set_params(self, **p):\n  for k, v in p.items(): setattr(self, k, v)\n  return self\nf = Ridge().fit(np.eye(3), np.ones(3))",
    "trapezoid": "def f(g, a, b, n=100):\n h = (b - a) / n\n return h * (g(a) / 2 + sum(g(a + i * h) for i in range(1, n)) + g(b) / 2)",
    "edit distance": "from functools import lru_cache\ndef f(a, b):\n @lru_cache(maxsize=None)\n def d(i, j):\n  if not i or not j: return i + j\n  return min(d(i - 1, j) + 1, d(i, j - 1) + 1, d(i - 1, j - 1) + (a[i - 1] != b[j - 1]))\n return d(len(a), len(b))",
    "metrics": "import statistics\ndef f(xs):\n return {'mean': statistics.fmean(xs), 'sd': statistics.stdev(xs), 'q': statistics.quantiles(xs, n=4)}",
}

SCIENTISTS = {**NUMPY, **PANDAS, **PLAIN}
