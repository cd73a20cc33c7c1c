// The load: one subcommand for each measure, which prints its figures as one JSON object.
//
// Every echo of every measure is checked. A run in which one is missing, torn, not what was
// shouted, out of order within its shout, or early has no figures: it prints {"failed": "..."}.
package main

import (
	"encoding/json"
	"flag"
	"fmt"
	"net"
	"os"
	"time"
)

// Figures are what a measure found, by name; durations are in seconds, memory is in bytes.
type Figures map[string]float64

var measures = map[string]func(*Options) (Figures, error){
	"accept":      accept,
	"check":       check,
	"delayed":     delayed,
	"idle":        idle,
	"pending":     pending,
	"plain":       plain,
	"round-trips": roundTrips,
	"throughput":  throughput,
}

// Options are what all measures take; each looks at those it needs.
type Options struct {
	address  string
	pid      int
	conns    int
	size     int
	wide     bool
	shouts   int
	bytes    int
	seconds  float64
	rate     float64
	delay    time.Duration
	from, to int
	burst    int
	single   bool
}

func main() {
	options := Options{}
	var delay float64
	flags := flag.NewFlagSet("load", flag.ExitOnError)
	flags.StringVar(&options.address, "address", "127.0.0.1:8000", "the server's")
	flags.IntVar(&options.pid, "pid", 0, "the server's process, to look at its CPU and memory")
	flags.IntVar(&options.conns, "conns", 1, "connections")
	flags.IntVar(&options.size, "size", 32, "bytes of a shout, without its line ending")
	flags.BoolVar(&options.wide, "wide", false, "shouts that are not ASCII")
	flags.IntVar(&options.shouts, "shouts", 10_000, "shouts over all connections")
	flags.IntVar(&options.bytes, "bytes", 1<<26, "bytes to send in plain mode")
	flags.IntVar(&options.burst, "burst", 0, "shouts, or blocks, in flight on each connection; 0: any number")
	flags.Float64Var(&options.seconds, "seconds", 1, "how long to go on")
	flags.Float64Var(&options.rate, "rate", 20, "shouts per second on each connection")
	flags.Float64Var(&delay, "delay", 0, "the server's delay in seconds")
	flags.IntVar(&options.from, "from", 1_000, "where the slope of memory begins")
	flags.IntVar(&options.to, "to", 5_000, "where the slope of memory ends")
	flags.BoolVar(&options.single, "single", false, "one shout at a time, not a block of them")
	if len(os.Args) < 2 || measures[os.Args[1]] == nil {
		fmt.Fprintln(os.Stderr, "load: name a measure first:", measures)
		os.Exit(2)
	}
	flags.Parse(os.Args[2:])
	options.delay = time.Duration(delay * float64(time.Second))
	raiseFileLimit()
	began := processCPU(os.Getpid())
	figures, err := measures[os.Args[1]](&options)
	answer := map[string]any{"figures": figures}
	if err != nil {
		answer = map[string]any{"failed": err.Error()}
	} else if figures["load_cpu"] == 0 {
		figures["load_cpu"] = processCPU(os.Getpid()) - began
	}
	json.NewEncoder(os.Stdout).Encode(answer)
}

// patience is how long a run may take before what is missing counts as missing.
const patience = 30 * time.Second

func dial(options *Options) (*net.TCPConn, error) {
	dialer := net.Dialer{Timeout: patience, KeepAlive: -1}
	conn, err := dialer.Dial("tcp", options.address)
	if err != nil {
		return nil, err
	}
	conn.SetDeadline(time.Now().Add(patience))
	return conn.(*net.TCPConn), nil
}

// meanwhile runs both at once; an error of read does not wait for send.
func meanwhile(send, read func() error) error {
	sent := make(chan error, 1)
	go func() { sent <- send() }()
	if err := read(); err != nil {
		return err
	}
	return <-sent
}

// forEach runs work on every index at once and returns the first error.
func forEach(count int, work func(index int) error) error {
	errs := make(chan error, count)
	for index := range count {
		go func() { errs <- work(index) }()
	}
	for range count {
		if err := <-errs; err != nil {
			return err
		}
	}
	return nil
}
