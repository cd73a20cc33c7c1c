package main

import (
	"fmt"
	"math/rand"
	"slices"
	"sync/atomic"
	"time"
)

// delayed shouts at planned instants, whatever comes back, and tells how late each echo was.
//
// Lateness counts from the planned instant and not from when the load got round to it; an echo is
// early if it came before its delay had passed since its shout was really sent.
func delayed(options *Options) (Figures, error) {
	shouts := 1 + int(options.seconds*options.rate)
	checkers, err := connect(options, shouts)
	if err != nil {
		return nil, err
	}
	const lead = 50 * time.Millisecond
	cpu, began := processCPU(options.pid), time.Now().Add(lead)
	late, behind := make([][]float64, options.conns), make([]float64, options.conns)
	err = forEach(options.conns, func(index int) error {
		checker := checkers[index]
		// Chance, but the same in every run: connections that took turns would never meet.
		phase := rand.New(rand.NewSource(int64(index))).Float64()
		planned := func(number int) time.Duration {
			return time.Duration((phase + float64(number-1)) / options.rate * float64(time.Second))
		}
		sent := make([]atomic.Int64, shouts)
		checker.Heard = func(number, stage int) error {
			now := time.Since(began)
			wait := time.Duration(stage) * options.delay
			if now < time.Duration(sent[number].Load())+wait {
				return fmt.Errorf("echo %d of shout %d was early", stage, number)
			}
			late[index] = append(late[index], (now - planned(number) - wait).Seconds())
			return nil
		}
		return checker.exchange(func() error {
			var line []byte
			for number := 1; number < shouts; number++ {
				time.Sleep(planned(number) - time.Since(began))
				line = checker.shape.write(line[:0], number, number+1)
				now := time.Since(began)
				sent[number].Store(int64(now))
				behind[index] = max(behind[index], (now - planned(number)).Seconds())
				if _, err := checker.conn.Write(line); err != nil {
					return err
				}
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	spent, all := processCPU(options.pid)-cpu, slices.Concat(late...)
	slices.Sort(all)
	figures := Figures{
		"p50":         quantile(all, 0.5),
		"p99":         quantile(all, 0.99),
		"p999":        quantile(all, 0.999),
		"max":         all[len(all)-1],
		"cpu":         spent / float64(len(all)),
		"load_behind": slices.Max(behind),
	}
	return figures, end(checkers)
}

// check sends shouts in blocks and one by one and checks every echo exactly: complete, whole, in
// order within its shout, and not early.
func check(options *Options) (Figures, error) {
	shouts := options.shouts / options.conns
	checkers, err := connect(options, shouts)
	if err != nil {
		return nil, err
	}
	err = forEach(options.conns, func(index int) error {
		checker := checkers[index]
		began := time.Now()
		sent := make([]atomic.Int64, shouts)
		checker.Heard = func(number, stage int) error {
			wait := time.Duration(sent[number].Load()) + time.Duration(stage)*options.delay
			if time.Since(began) < wait {
				return fmt.Errorf("echo %d of shout %d was early", stage, number)
			}
			return nil
		}
		return checker.exchange(func() error {
			chance := rand.New(rand.NewSource(int64(index)))
			for from := 1; from < shouts; {
				to := min(from+1+chance.Intn(2)*chance.Intn(100), shouts)
				now := int64(time.Since(began))
				for number := from; number < to; number++ {
					sent[number].Store(now)
				}
				block := checker.shape.write(nil, from, to)
				// In two writes: a line may come in parts.
				cut := chance.Intn(len(block))
				for _, part := range [][]byte{block[:cut], block[cut:]} {
					if _, err := checker.conn.Write(part); err != nil {
						return err
					}
				}
				from = to
			}
			return nil
		})
	})
	if err != nil {
		return nil, err
	}
	return Figures{"echoes": float64(3 * shouts * options.conns)}, end(checkers)
}
