# shellcheck shell=bash
# Known vulnerabilities of the packages that the solution uses, directly or through others.

# check_packages: 0 where none is known, 1 where some are (and which), 2 where nobody can tell: a feed without a list of
# vulnerabilities answers "none" of everything, so it is first asked about a package that is known to have one.
check_packages() {
    local found
    if ! feed_knows_vulnerabilities; then
        echo "NOT CHECKED: the package feed here has no list of known vulnerabilities. Run deploy/audit with a feed that has one."
        return 2
    fi
    found=$(vulnerable_packages "$checkout/Marketplace.sln") || return 2
    [ -n "$found" ] || return 0
    echo "Packages with known vulnerabilities (package, version):"
    printf '%s\n' "$found"
    return 1
}

# vulnerable_packages SOLUTION_OR_PROJECT: one a line, with its version.
vulnerable_packages() {
    local report
    report=$(dotnet list "$1" package --vulnerable --include-transitive --format json) || {
        echo "NOT CHECKED: the list of packages cannot be read." >&2
        return 2
    }
    printf '%s\n' "$report" | tr -d ' \n' | grep -oE '"id":"[^"]+"(,"requestedVersion":"[^"]+")?,"resolvedVersion":"[^"]+"' |
        sed -E 's/"id":"([^"]+)".*"resolvedVersion":"([^"]+)"/    \1 \2/' | sort -u || true
}

# feed_knows_vulnerabilities: whether it warns of Newtonsoft.Json 12.0.3 (GHSA-5crp-9r3c-p9vr). It is asked for, never built.
feed_knows_vulnerabilities() {
    local folder=$data/audit
    mkdir -p "$folder"
    echo '<Project/>' | tee "$folder/Directory.Build.props" "$folder/Directory.Packages.props" >"$folder/Directory.Build.targets"
    cat >"$folder/known.csproj" <<'PROJECT'
<Project Sdk="Microsoft.NET.Sdk">
  <PropertyGroup><TargetFramework>net10.0</TargetFramework><NuGetAudit>false</NuGetAudit></PropertyGroup>
  <ItemGroup><PackageReference Include="Newtonsoft.Json" Version="12.0.3" /></ItemGroup>
</Project>
PROJECT
    dotnet restore "$folder/known.csproj" -v quiet -nologo >/dev/null 2>&1 || return 1
    [[ $(vulnerable_packages "$folder/known.csproj") == *Newtonsoft.Json* ]]
}
