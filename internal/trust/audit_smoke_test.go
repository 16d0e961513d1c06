package trust
import ("testing";"os";"fmt";"encoding/json")
func TestSmoke(t *testing.T){
 for _, f := range []string{"claims","subject","session-tags","claims-workspace","session-tags-workspace"} {
  rd := func(p string) string { b,_ := os.ReadFile("../template/testdata/trust/"+f+"-"+p+".aws.json"); return string(b)}
  for _, mode := range []Keys{KeysIssuer, KeysDocumented, KeysAll} {
   o := Options{Table: table(t), Keys: mode}
   fmt.Println("==",f,mode)
   for _, p := range []string{"plan","apply"} {
    r := Audit(mustParse(t, rd(p)), o)
    for _, a := range r.Admissions { fmt.Println("  ",a.Text)}
    for _, h := range r.Holes { fmt.Println("   !",h.Severity,h.Code,h.Summary)}
   }
   s := Separate(mustParse(t, rd("plan")), mustParse(t, rd("apply")), o)
   fmt.Println("  ", s.Verdict, s.By, s.Basis, s.Summary, s.Counter)
  }
 }
 ifx := document(`{"Effect":"Allow","Principal":{"Federated":"`+fcARN+`"},"Action":"sts:AssumeRoleWithWebIdentity","Condition":{"StringEquals":{"api.forgecroft.com:aud":"sts.amazonaws.com"},"StringEqualsIfExists":{"api.forgecroft.com:phase":"apply","api.forgecroft.com:org_id":"abc"}}}`)
 for _, mode := range []Keys{KeysIssuer, KeysDocumented} {
 r := Audit(mustParse(t, ifx), Options{Table: table(t), Keys: mode})
 b,_ := json.MarshalIndent(r.Admissions, "", " "); _ = b
 for _, h := range r.Holes { fmt.Println("   !",h.Severity,h.Code,h.Summary); if h.Token!=nil {fmt.Println(h.Token.Claims)}; if h.Fix!=nil{fmt.Println(string(h.Fix.Statement))}}
   s := Separate(mustParse(t, ifx), mustParse(t, ifx), Options{Table: table(t), Keys: mode})
   fmt.Println("  ", s.Verdict, s.By, s.Basis, s.Summary, s.Counter)
 }
}
