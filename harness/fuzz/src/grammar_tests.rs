use super::*;

#[test]
fn every_kind_of_change_comes_and_keeps_the_grammar() {
    let seeds: [&[u8]; 2] = [
        b"a = 1\n[b]\nc = [\n2]\n[[f]]\ng = 3\n",
        b"a = 7\n[b]\nc = []\nd = 'e'\n[h]\ni = 1\n",
    ];
    let grammar = Grammar::of(Syntax::Toml, seeds.into_iter(), || {
        vec![("[[f]]", "j = 5\n".to_owned())]
    });
    let all: BTreeSet<Vec<u8>> = (0..20_000)
        .filter_map(|seed| grammar.changed(seeds[0], 1, &mut Draw(seed)))
        .collect();
    for (wanted, how) in [
        ("a = 7\n[b]\nc = [\n2]\n[[f]]\ng = 3\n", "another value"),
        (
            "a = 1\n[b]\nc = []\n[[f]]\ng = 3\n",
            "another value in lines",
        ),
        ("a = 1\n[b]\nc = [\n2]\n[[f]]\ng = 4\n", "another number"),
        (
            "a = 1\n[b]\nc = [\n2]\nd = 'e'\n[[f]]\ng = 3\n",
            "a key more",
        ),
        (
            "a = 1\n[b]\nc = [\n2]\n[[f]]\ng = 3\nj = 5\n",
            "a key that no seed has",
        ),
        ("a = 1\n[b]\n[[f]]\ng = 3\n", "a key less"),
        ("a = 1\n[b]\nc = [\n2]\n", "a section less"),
        (
            "a = 1\n[b]\nc = [\n2]\n[[f]]\ng = 3\n[[f]]\ng = 3\n",
            "a section twice",
        ),
        (
            "a = 1\n[b]\nc = [\n2]\n[[f]]\ng = 3\n[h]\ni = 1\n",
            "a section more",
        ),
        (
            "a = 1\n[b]\nc = []\nd = 'e'\n[[f]]\ng = 3\n",
            "another section",
        ),
    ] {
        assert!(all.contains(wanted.as_bytes()), "{how}: {wanted}");
    }
    assert_eq!(grammar.changed(b"", 1, &mut Draw(1)), Some(Vec::new()));
    let crossed: BTreeSet<Vec<u8>> = (0..1_000)
        .filter_map(|seed| grammar.crossed(seeds[0], seeds[1], &mut Draw(seed)))
        .collect();
    for wanted in [
        "a = 7\n[b]\nc = [\n2]\n[[f]]\ng = 3\n",
        "a = 1\n[b]\nc = []\nd = 'e'\n[[f]]\ng = 3\n",
        "a = 1\n[b]\nc = [\n2]\nd = 'e'\n[[f]]\ng = 3\n[h]\ni = 1\n",
    ] {
        assert!(crossed.contains(wanted.as_bytes()), "{wanted}");
    }
}
