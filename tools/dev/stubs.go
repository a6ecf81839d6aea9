package main

import "context"

func runDemo(ctx context.Context, o *options) error     { return nil }
func runUpstream(ctx context.Context, o *options) error { return nil }
func runBench(ctx context.Context, o *options) error    { return nil }
func buildWheel(ctx context.Context, o *options) error  { return nil }
func testARM64(ctx context.Context, o *options) error   { return nil }
func runLint(ctx context.Context, o *options) error     { return nil }
func runFormat(ctx context.Context, o *options) error   { return nil }
