package main

import "context"

func runDemo(ctx context.Context, o *options) error     { return nil }
func runUpstream(ctx context.Context, o *options) error { return nil }
func runBench(ctx context.Context, o *options) error    { return nil }
