use super::*;

fn unit(values: &[f32]) -> Embedding {
    Embedding::normalised(values.to_vec()).unwrap()
}

fn photos() -> Vec<Embedding> {
    (0..150)
        .map(|i| {
            let angle = i as f32 * 0.1;
            unit(&[angle.cos(), angle.sin(), 0.3, 0.1 * angle])
        })
        .collect()
}

const ALL: [Preparation; 3] = [
    Preparation::Plain,
    Preparation::Sharpened {
        scale: 20.0,
        weight: 0.5,
    },
    Preparation::Centred,
];

#[test]
fn one_photo_and_many_come_to_the_same() {
    let anchors = [
        unit(&[1.0, 0.0, 0.0, 0.0]),
        unit(&[0.0, 1.0, 0.0, 0.0]),
        unit(&[0.0, 0.5, 0.0, 1.0]),
    ];
    let photos = photos();
    let rows: Vec<f16> = photos
        .iter()
        .flat_map(|p| p.values().iter().map(|v| f16::from_f32(*v)))
        .collect();
    for preparation in ALL {
        let reference = Reference::new(&anchors, preparation);
        let matrix = Matrix::new(&rows, 4).unwrap();
        let views = reference.prepare_all(matrix).unwrap();
        assert_eq!(views.len(), photos.len());
        for (i, photo) in photos.iter().enumerate() {
            let view = reference.prepare(photo);
            let row = views.matrix().unwrap().row(i).unwrap();
            assert!((dot(&row, &row) - 1.0).abs() < 2e-3);
            let near = dot(&row, view.embedding.values());
            assert!(near > 0.999, "{preparation:?} {i}: {near}");
            assert!((views.backgrounds()[i] - view.background).abs() < 2e-3);
        }
    }
}

#[test]
fn sharpening_moves_a_photo_towards_what_it_is_most_like() {
    let anchors = [unit(&[1.0, 0.0]), unit(&[0.0, 1.0])];
    let sharpened = Preparation::Sharpened {
        scale: 20.0,
        weight: 0.5,
    };
    let photo = unit(&[0.8, 0.6]);
    let view = Reference::new(&anchors, sharpened).prepare(&photo);
    assert!(view.embedding.similarity(&anchors[0]) > photo.similarity(&anchors[0]));
    assert!(view.embedding.similarity(&anchors[1]) < photo.similarity(&anchors[1]));
}

#[test]
fn without_a_reference_a_photo_stays_as_it_is() {
    let photo = unit(&[0.8, 0.6]);
    for preparation in ALL {
        let view = Reference::new(&[], preparation).prepare(&photo);
        assert_eq!((view.embedding, view.background), (photo.clone(), 0.0));
        assert_eq!(view.cohort, None);
    }
}

#[test]
fn views_of_another_model_are_not_mixed_in() {
    let rows = [f16::ONE; 6];
    let plain = Reference::new(&[], Preparation::Plain);
    let two = plain.prepare_all(Matrix::new(&rows, 2).unwrap()).unwrap();
    let other = Reference::new(&[unit(&[1.0, 0.0, 0.0])], ALL[1]);
    assert!(other.prepare_all(two.matrix().unwrap()).is_err());
}
