package cli

import "github.com/spf13/cobra"

// format is the value of -o.
type format string

const (
	formatText   format = "text"
	formatJSON   format = "json"
	formatNDJSON format = "ndjson"
	formatCSV    format = "csv"
	formatEnv    format = "env"
)

// addOutput binds -o to value; the formats that cmd knows are listed where a wrong one is refused.
func addOutput(cmd *cobra.Command, value *format, known ...format) {
	cmd.Flags().VarP(newEnum(value, known...), "output", "o", "output format")
}
