package main

import (
	"fmt"
	"os"
	"strings"
	"syscall"
	"time"
	"unsafe"
)

// processCPU tells the CPU seconds that a process has used; 0 for process 0.
func processCPU(pid int) float64 {
	if pid == 0 {
		return 0
	}
	const scheduled = 2 // the clock of a whole process, as clock_getcpuclockid makes it
	clock := int32(^pid)<<3 | scheduled
	var spent syscall.Timespec
	syscall.Syscall(syscall.SYS_CLOCK_GETTIME, uintptr(clock), uintptr(unsafe.Pointer(&spent)), 0)
	return time.Duration(spent.Nano()).Seconds()
}

// settle is how long a server gets to put away what was asked of it before one looks.
const settle = 150 * time.Millisecond

// memory tells the bytes that a process has resident; 0 for process 0.
func memory(pid int) float64 {
	if pid == 0 {
		return 0
	}
	time.Sleep(settle)
	var kilobytes float64
	// Exact, while the figure in "status" is rounded by up to some hundred pages.
	rollup, _ := os.ReadFile(fmt.Sprintf("/proc/%d/smaps_rollup", pid))
	for line := range strings.Lines(string(rollup)) {
		fmt.Sscanf(line, "Rss: %f kB", &kilobytes)
	}
	return kilobytes * 1024
}

func raiseFileLimit() {
	var limit syscall.Rlimit
	syscall.Getrlimit(syscall.RLIMIT_NOFILE, &limit)
	limit.Cur = limit.Max
	syscall.Setrlimit(syscall.RLIMIT_NOFILE, &limit)
}
