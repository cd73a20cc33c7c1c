package main

import (
	"slices"
	"time"
)

// roundTrips has one shout in flight on each connection: the next goes when three echoes came.
func roundTrips(options *Options) (Figures, error) {
	const most = 1 << 20
	checkers, err := connect(options, most/options.conns)
	if err != nil {
		return nil, err
	}
	cpu, began := processCPU(options.pid), time.Now()
	until := began.Add(time.Duration(options.seconds * float64(time.Second)))
	times := make([][]float64, options.conns)
	err = forEach(options.conns, func(index int) error {
		checker := checkers[index]
		var line []byte
		for number := 1; number < len(checker.next); number++ {
			line = checker.shape.write(line[:0], number, number+1)
			sent := time.Now()
			if sent.After(until) {
				break
			}
			if _, err := checker.conn.Write(line); err != nil {
				return err
			}
			if err := checker.readUntil(3 * (number + 1)); err != nil {
				return err
			}
			times[index] = append(times[index], time.Since(sent).Seconds())
		}
		return nil
	})
	if err != nil {
		return nil, err
	}
	took, all := time.Since(began).Seconds(), slices.Concat(times...)
	slices.Sort(all)
	figures := Figures{
		"trips": float64(len(all)) / took,
		"p50":   quantile(all, 0.5),
		"p99":   quantile(all, 0.99),
		"cpu":   (processCPU(options.pid) - cpu) / float64(len(all)),
	}
	return figures, end(checkers)
}

// accept connects, shouts, reads the echoes and closes, over and over on each of conns workers.
func accept(options *Options) (Figures, error) {
	shape := newShape(options.size, options.wide)
	counts := make([]int, options.conns)
	cpu, began := processCPU(options.pid), time.Now()
	until := began.Add(time.Duration(options.seconds * float64(time.Second)))
	err := forEach(options.conns, func(index int) error {
		line := shape.write(nil, 0, 1)
		for time.Now().Before(until) {
			conn, err := dial(options)
			if err != nil {
				return err
			}
			if _, err = conn.Write(line); err == nil {
				err = newChecker(shape, conn, 1, 1024).readUntil(3)
			}
			conn.Close()
			if err != nil {
				return err
			}
			counts[index]++
		}
		return nil
	})
	total := 0
	for _, count := range counts {
		total += count
	}
	took := time.Since(began).Seconds()
	return Figures{
		"connections": float64(total) / took,
		"cpu":         (processCPU(options.pid) - cpu) / float64(total),
	}, err
}

// quantile tells the value below which that share of the sorted values lies.
func quantile(sorted []float64, share float64) float64 {
	if len(sorted) == 0 {
		return 0
	}
	return sorted[min(len(sorted)-1, int(share*float64(len(sorted))))]
}
